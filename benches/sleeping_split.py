#!/usr/bin/env python3
"""Splits a request by hand, as people do: send the first part, sleep, send the rest, compare the reply.

    python3 benches/sleeping_split.py PORT SIZE [--cases N] [--sleep SECONDS] [--threads N]

The server echoes messages of a u32 big-endian length (limit_server.c). N offsets, evenly spread, each on a connection
of its own. Prints `cases N seconds S`; run.py makes cases a second of that. Nothing here knows whether the server has
read the first part when the rest is sent: that is what the sleep hopes for.
"""

import argparse
import socket
import struct
import threading
import time


def split(port: int, request: bytes, offset: int, sleep: float) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request[:offset])
        time.sleep(sleep)
        connection.sendall(request[offset:])
        reply = b""
        while len(reply) < len(request):
            piece = connection.recv(65536)
            if not piece:
                break
            reply += piece
    if reply != request:
        raise SystemExit(f"offset {offset}: another reply")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("size", type=int, help="bytes of payload")
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--sleep", type=float, default=0.1, help="seconds (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    request = struct.pack(">I", options.size) + b"x" * options.size
    offsets = [1 + i * (len(request) - 1) // options.cases for i in range(options.cases)]

    def work(mine: list[int]) -> None:
        for offset in mine:
            split(options.port, request, offset, options.sleep)

    threads = [threading.Thread(target=work, args=(offsets[i :: options.threads],)) for i in range(options.threads)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"cases {len(offsets)} seconds {time.monotonic() - start:.4f}")


if __name__ == "__main__":
    main()
