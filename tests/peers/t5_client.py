"""T5: interactive client of the acknowledging server; an empty line ends it.

Run: python3 t5_client.py [ADDRESS]    (default 127.0.0.1:6666)
"""

import family


def main():
    sock, server = family.datagram_client(family.argument("127.0.0.1:6666"))
    while True:
        line = family.typed("message (empty to end):")
        if not line:  # an empty line, or the end of input
            break
        sock.sendto(line.encode(), server)
        # Mistake kept: no timeout; a lost datagram is waited for for ever.
        reply, _ = sock.recvfrom(1024)
        family.say(reply.decode())
    sock.close()


if __name__ == "__main__":
    main()
