"""T1: length-header client; prints each reply.

Run: python3 t1_client.py [ADDRESS [MESSAGE ...]]
(default 127.0.0.1:5050, and the messages "Hello World!" and "!DISCONNECT")
"""

import sys

import family

HEADER = 64


def ask(sock, text):
    message = text.encode()
    sock.send(str(len(message)).encode().ljust(HEADER))
    sock.send(message)
    # Mistake kept: one recv, which may return a part of the reply, or two of them.
    return sock.recv(2048).decode()


def main():
    sock = family.connect_stream(family.argument("127.0.0.1:5050"))
    for text in sys.argv[2:] or ["Hello World!", "!DISCONNECT"]:
        family.say(ask(sock, text))
    sock.close()


if __name__ == "__main__":
    main()
