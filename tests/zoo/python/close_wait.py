"""Protocol: a line in; the line in capitals out.

Bug: when the peer has closed, the thread ends and the socket stays open, in CLOSE-WAIT, for ever.
In real life: a list of clients for the statistics page still holds it. Nothing shows until the
process has no descriptor left.
"""

import zoo

clients = []


def session(conn, fixed):
    if not fixed:
        clients.append(conn.dup())
    buffer = b""
    while True:
        data = conn.recv(4096)
        buffer += data
        if not data or len(buffer) > zoo.LIMIT:
            return
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            conn.sendall(line.upper() + b"\n")


zoo.serve(session)
