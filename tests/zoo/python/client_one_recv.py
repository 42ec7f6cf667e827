"""Client: python3 NAME.py HOST PORT [--fixed]. Sends `hi`; prints the reply: u16be length, payload.

Bug: one recv for the reply, which may return a part of it.
In real life: the reply is short, "it fits into one packet".
"""

import socket
import sys

import zoo

conn = socket.create_connection((sys.argv[1], int(sys.argv[2])))
conn.sendall(b"\x00\x02hi")
try:
    if "--fixed" in sys.argv:
        length = int.from_bytes(zoo.exactly(conn, 2), "big")
        body = zoo.exactly(conn, length)
    else:
        body = conn.recv(4096)[2:]
except (EOFError, ConnectionError):
    sys.exit("the reply is not whole")
sys.stdout.buffer.write(body + b"\n")
