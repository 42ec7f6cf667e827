"""T3: interactive datagram time client; a line from stdin is a strftime format.

Run: python3 t3_client.py [ADDRESS]    (default 127.0.0.1:8080)
"""

import family


def main():
    sock, server = family.datagram_client(family.argument("127.0.0.1:8080"))
    while True:
        line = family.typed(">>")
        if line is None:
            break
        sock.sendto(line.strip().encode(), server)  # even if empty: that is a message
        # Mistake kept: no timeout; a lost datagram is waited for for ever.
        reply, _ = sock.recvfrom(1024)
        family.say(reply.decode())
    sock.close()


if __name__ == "__main__":
    main()
