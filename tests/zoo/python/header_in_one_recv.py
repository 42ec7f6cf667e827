"""Protocol: u32be length, payload; the reply is the payload in capitals, framed alike.

Bug: one recv(4) for the header, which may return fewer bytes.
In real life: recv(N) is read as "receive N", and on a fast network the header always comes whole.
"""

import struct

import zoo


def session(conn, fixed):
    while True:
        header = zoo.exactly(conn, 4) if fixed else conn.recv(4)
        if not header:
            return
        (length,) = struct.unpack(">I", header)
        if length > zoo.LIMIT:
            return
        body = zoo.exactly(conn, length)
        conn.sendall(header + body.upper())


zoo.serve(session)
