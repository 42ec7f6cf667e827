"""Client: python3 NAME.py HOST PORT [--fixed]. Sends two lines at once; prints the two lines that
come back.

Bug: what came behind the first line of a read is thrown away; the second reply is waited for in vain.
In real life: a helper read_line(sock) with a buffer of its own, new at each call.
"""

import socket
import sys


def read_line(conn, buffer):
    while b"\n" not in buffer:
        data = conn.recv(4096)
        if not data:
            sys.exit("the reply is not whole")
        buffer += data
    line, _, rest = bytes(buffer).partition(b"\n")
    buffer[:] = rest
    return line + b"\n"


conn = socket.create_connection((sys.argv[1], int(sys.argv[2])))
conn.sendall(b"one\ntwo\n")
kept = bytearray()
try:
    for _ in range(2):
        line = read_line(conn, kept if "--fixed" in sys.argv else bytearray())
        sys.stdout.buffer.write(line)
        sys.stdout.flush()
except ConnectionError:
    sys.exit("the reply is not whole")
