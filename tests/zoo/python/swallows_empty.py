"""Protocol: u16be length, payload; the reply is the payload in capitals, framed alike.

Bug: an empty message gets no answer.
In real life: `if body:` is meant to ask "did something come?", and asks "is it empty?". A client
that counts its answers waits for ever.
"""

import struct

import zoo


def session(conn, fixed):
    while True:
        (length,) = struct.unpack(">H", zoo.exactly(conn, 2))
        body = zoo.exactly(conn, length)
        if body or fixed:
            conn.sendall(struct.pack(">H", length) + body.upper())


zoo.serve(session)
