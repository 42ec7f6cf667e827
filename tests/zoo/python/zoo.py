"""What the Python animals share: the command line, the listener, a thread a connection.

Run: python3 NAME.py --port N [--fixed]
"""

import argparse
import socket
import threading

LIMIT = 1 << 20  # No message and no unfinished line is longer: a robust server has a bound.


def listen():
    """The listening socket, and whether the fault is mended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--fixed", action="store_true")
    options = parser.parse_args()
    # create_server sets SO_REUSEADDR.
    listener = socket.create_server(("127.0.0.1", options.port), backlog=128)
    return listener, options.fixed


def serve(session):
    """Runs session(conn, fixed) on a thread a connection, and closes the connection behind it."""
    listener, fixed = listen()
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=run, args=(session, conn, fixed), daemon=True).start()


def run(session, conn, fixed):
    with conn:
        try:
            session(conn, fixed)
        except (ConnectionError, EOFError):
            pass  # The peer left, which it may at any time.


def exactly(conn, count):
    """Reads count bytes, however they come; EOFError if the stream ends before."""
    found = bytearray()
    while len(found) < count:
        data = conn.recv(count - len(found))
        if not data:
            raise EOFError
        found += data
    return bytes(found)
