r"""Protocol: a text ended by CR LF . CR LF, as mail is; the reply is its size, `250 N\r\n`.

Bug: the end is looked for in each read by itself, not in what has come altogether.
In real life: the text is appended to a file as it comes, and only the read is at hand to search.
"""

import zoo

END = b"\r\n.\r\n"


def session(conn, fixed):
    text = b""
    while True:
        data = conn.recv(4096)
        text += data
        if not data or len(text) > zoo.LIMIT:
            return
        if END in (text if fixed else data):
            while END in text:
                message, text = text.split(END, 1)
                conn.sendall(b"250 %d\r\n" % len(message))


zoo.serve(session)
