"""Protocol: u16be length, payload; the reply is the payload in capitals, framed alike.

Bug: an empty message is taken for the end of the stream.
In real life: a helper returns b"" for "the peer has closed", and b"" is a message as well.
"""

import struct

import zoo


def receive(conn, fixed):
    try:
        (length,) = struct.unpack(">H", zoo.exactly(conn, 2))
        return zoo.exactly(conn, length)
    except EOFError:
        return None if fixed else b""


def session(conn, fixed):
    while True:
        body = receive(conn, fixed)
        if body is None or (not body and not fixed):
            return
        conn.sendall(struct.pack(">H", len(body)) + body.upper())


zoo.serve(session)
