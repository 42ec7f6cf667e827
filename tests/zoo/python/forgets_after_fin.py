"""Protocol: a line in; the line in capitals out. Answers are held back for a moment, to be sent
together.

Bug: the end of the stream closes the connection, with the answers that are still held back.
In real life: "the client has gone, nobody will read it". It has only said that it asks no more, as
`printf ... | nc` does. asyncio and Node close like this unless told otherwise.
"""

import select

import zoo

MOMENT = 0.03  # Long enough for a FIN that follows the request at once to be seen, on a busy machine.


def answer(conn, lines):
    conn.sendall(b"".join(line.upper() + b"\n" for line in lines))


def session(conn, fixed):
    buffer, lines = b"", []
    while True:
        if lines and not select.select([conn], [], [], MOMENT)[0]:
            answer(conn, lines)
            lines = []
        data = conn.recv(65536)
        if not data:
            if fixed:
                answer(conn, lines)
            return
        buffer += data
        if len(buffer) > zoo.LIMIT:
            return
        *whole, buffer = buffer.split(b"\n")
        lines += whole


zoo.serve(session)
