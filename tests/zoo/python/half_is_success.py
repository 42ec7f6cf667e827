r"""Protocol: `SET key value\n`; the reply is `OK\n`, or `ERR\n` to anything else.

Bug: at the end of the stream, what is left in the buffer is taken for a whole command.
In real life: readline() and "for line in file" return the unfinished last line like any other. The
client died in mid-command, and half a value is stored.
"""

import zoo


def answer(line):
    words = line.split()
    return b"OK\n" if len(words) == 3 and words[0] == b"SET" else b"ERR\n"


def session(conn, fixed):
    buffer = b""
    while True:
        data = conn.recv(4096)
        if not data:
            if buffer and not fixed:
                conn.sendall(answer(buffer))
            return
        buffer += data
        if len(buffer) > zoo.LIMIT:
            return
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            conn.sendall(answer(line))


zoo.serve(session)
