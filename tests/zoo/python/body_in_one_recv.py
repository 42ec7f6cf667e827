"""Protocol: u32be length, payload; the reply is the payload in capitals, framed alike.

Bug: the header is read with care, the body with one recv, which may return a part of it.
In real life: the header's bug was found and mended, the body's needs a longer message to show.
"""

import struct

import zoo


def session(conn, fixed):
    while True:
        (length,) = struct.unpack(">I", zoo.exactly(conn, 4))
        if length > zoo.LIMIT:
            return
        if fixed or not length:
            body = zoo.exactly(conn, length)
        else:
            body = conn.recv(length)
        conn.sendall(struct.pack(">I", len(body)) + body.upper())
        if not body and length:
            return


zoo.serve(session)
