"""T7: says "hello!", prints the answer, ends.

Run: python3 t7_client.py [ADDRESS]    (default 127.0.0.1:8898)
"""

import family


def main():
    sock = family.connect_stream(family.argument("127.0.0.1:8898"))
    sock.send(b"hello!")
    # Mistake kept: one recv is taken for the whole reply.
    family.say(sock.recv(1024).decode())
    sock.close()


if __name__ == "__main__":
    main()
