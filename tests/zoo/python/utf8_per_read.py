"""Protocol: a line of UTF-8 in; the line in capitals out.

Bug: each read is decoded by itself, and a character may be cut.
In real life: recv().decode() is in every tutorial, and ASCII never fails.
"""

import zoo


def session(conn, fixed):
    text = b"" if fixed else ""
    end = b"\n" if fixed else "\n"
    while True:
        data = conn.recv(4096)
        text += data if fixed else data.decode()
        if not data or len(text) > zoo.LIMIT:
            return
        while end in text:
            line, text = text.split(end, 1)
            line = line.decode() if fixed else line
            conn.sendall(line.upper().encode() + b"\n")


zoo.serve(session)
