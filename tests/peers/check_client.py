"""A client to be checked: python3 check_client.py MODE ADDRESS, where the address is HOST:PORT, or the
path of a Unix socket or its abstract name.

It says `hi`, reads one message (u32be length and payload) and prints its payload; by its mode it does
so rightly, or with one fault, or says something else."""

import os
import signal
import socket
import sys


def connect(address):
    host, colon, port = address.rpartition(":")
    if colon:
        return socket.create_connection((host, int(port)))
    conn = socket.socket(socket.AF_UNIX)
    conn.connect("\0" + address[1:] if address.startswith("@") else address)
    return conn


def exactly(conn, count):
    found = b""
    while len(found) < count:
        data = conn.recv(count - len(found))
        if not data:
            sys.exit("the reply is not whole")
        found += data
    return found


def message(conn):
    return exactly(conn, int.from_bytes(exactly(conn, 4), "big"))


def line(conn):
    found = b""
    while not found.endswith(b"\n"):
        found += exactly(conn, 1)
    return found


def show(text):
    sys.stdout.buffer.write(text + b"\n")
    sys.stdout.flush()


def right(conn):
    conn.sendall(b"hi")
    show(message(conn))


def one_recv(conn):
    conn.sendall(b"hi")
    show(conn.recv(4096)[4:])


def status_tells(conn):
    conn.sendall(b"hi")
    sys.exit(0 if conn.recv(4096)[4:] == b"hello" else 7)


def end_is_success(conn):
    conn.sendall(b"hi")
    found = b""
    while len(found) < 9 and (data := conn.recv(9 - len(found))):
        found += data
    show(found[4:])


def retries(conn):
    conn.sendall(b"hi")
    found = b""
    while len(found) < 9:
        try:
            found += conn.recv(9 - len(found))
        except ConnectionError:
            pass
    show(found[4:])


def dies_of_reset(conn):
    conn.sendall(b"hi")
    try:
        show(message(conn))
    except ConnectionError:
        # Python ignores it otherwise.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)


def two_lines(conn):
    conn.sendall(b"one\ntwo\n")
    show(line(conn) + line(conn))


def loses_the_second(conn):
    conn.sendall(b"one\ntwo\n")
    for _ in range(2):
        found = b""
        while b"\n" not in found:
            data = conn.recv(4096)
            if not data:
                sys.exit("the reply is not whole")
            found += data
        show(found.partition(b"\n")[0])


def to_the_end(conn):
    conn.sendall(b"hi")
    while data := conn.recv(4096):
        sys.stdout.buffer.write(data)


def pid(conn):
    conn.sendall(b"hi")
    show(b"%d %s" % (os.getpid(), message(conn)))


def listens_first(conn):
    show(message(conn))


def dialogue(conn):
    if line(conn) != b"220 ready\n":
        sys.exit("no greeting")
    conn.sendall(b"HELO me\n")
    if line(conn) != b"250 hello\n":
        sys.exit("not welcome")
    conn.sendall(b"NOOP\n")
    show(message(conn))


def twice(conn):
    conn.sendall(b"hi")
    with connect(sys.argv[2]) as other:
        other.sendall(b"hi")
        show(message(other))
    show(message(conn))


def never(conn):
    sys.exit("a client that was told where to go, and did not")


mode = sys.argv[1]
if mode == "never":
    never(None)
try:
    globals()[mode](connect(sys.argv[2]))
except ConnectionError:
    sys.exit("the connection is gone")
