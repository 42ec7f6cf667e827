"""T4: client of the one-shot ACK server; prints the reply and ends.

Run: python3 t4_client.py [ADDRESS]    (default 127.0.0.1:6666)
"""

import family


def main():
    sock = family.connect_stream(family.argument("127.0.0.1:6666"))
    sock.send(b"hehe, just for a test!")
    # Mistake kept: one recv is taken for the whole reply.
    family.say(sock.recv(1024).decode())
    sock.close()


if __name__ == "__main__":
    main()
