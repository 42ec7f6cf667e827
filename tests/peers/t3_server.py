"""T3: datagram time server; each datagram is a strftime format, the reply is the time.

Run: python3 t3_server.py [ADDRESS]    (default 127.0.0.1:8080)
"""

import time

import family

DEFAULT = "%Y-%m-%d-%X"


def main():
    sock = family.bind_datagram(family.argument("127.0.0.1:8080"))
    family.announce(sock)
    while True:
        # Mistake kept: what a datagram has beyond 1024 bytes is silently lost.
        data, peer = sock.recvfrom(1024)
        # Mistake kept: a datagram that is not UTF-8 raises and ends the server.
        # An empty datagram is a message: it asks for the default format.
        reply = time.strftime(data.decode() or DEFAULT)
        # Mistake kept: a Unix sender that is gone, or has no name, ends the server.
        sock.sendto(reply.encode(), peer)


if __name__ == "__main__":
    main()
