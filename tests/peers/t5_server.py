"""T5: acknowledging datagram server; prints sender and text of each datagram.

Run: python3 t5_server.py [ADDRESS]    (default 127.0.0.1:6666)
"""

import family


def main():
    sock = family.bind_datagram(family.argument("127.0.0.1:6666"))
    family.announce(sock)
    while True:
        # Mistake kept: what a datagram has beyond 1024 bytes is silently lost.
        data, peer = sock.recvfrom(1024)
        # Mistake kept: not UTF-8 (or cut in mid-character above) ends the server.
        family.say(f"[{family.spell(peer)}] {data.decode()}")
        # Mistake kept: a Unix sender that is gone, or has no name, ends the server.
        sock.sendto(b"Recvice message ok!", peer)  # spelled so in the original


if __name__ == "__main__":
    main()
