"""Client: python3 NAME.py HOST PORT [--fixed]. Sends `hi`; prints the reply: u16be length, payload.

Bug: sleeps "until everything has come", then one recv.
In real life: the sleep was the mend for the one recv, and on a good day it works. So it does under a
harness that sleeps less between its cuts.
"""

import socket
import sys
import time

import zoo

conn = socket.create_connection((sys.argv[1], int(sys.argv[2])))
conn.sendall(b"\x00\x02hi")
try:
    if "--fixed" in sys.argv:
        length = int.from_bytes(zoo.exactly(conn, 2), "big")
        body = zoo.exactly(conn, length)
    else:
        time.sleep(0.05)
        body = conn.recv(4096)[2:]
except (EOFError, ConnectionError):
    sys.exit("the reply is not whole")
sys.stdout.buffer.write(body + b"\n")
