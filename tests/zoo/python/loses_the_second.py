"""Protocol: a line in; the line in capitals out.

Bug: what came behind the first line of a read is thrown away.
In real life: the buffer is reset "for the next request" after each reply; a client that waits for
its reply never has a second line on the way.
"""

import zoo


def session(conn, fixed):
    buffer = b""
    while True:
        data = conn.recv(4096)
        buffer += data
        if not data or len(buffer) > zoo.LIMIT:
            return
        while b"\n" in buffer:
            line, rest = buffer.split(b"\n", 1)
            conn.sendall(line.upper() + b"\n")
            buffer = rest if fixed else b""


zoo.serve(session)
