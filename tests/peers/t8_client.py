"""T8: client of the conversation server; says plainly when nobody listens.

Run: python3 t8_client.py [ADDRESS]    (default 127.0.0.1:2333; lines on stdin)
"""

import sys

import family


def main():
    address = family.argument("127.0.0.1:2333")
    try:
        sock = family.connect_stream(address)
    except OSError as error:
        sys.exit(f"cannot connect to {address}: {error.strerror or error}")
    while True:
        line = family.typed("client>")
        if line is None:
            break
        # Mistake kept: an empty line sends nothing, and both sides wait.
        sock.send(line.encode())
        # Mistake kept: one recv is one message, even the empty one of a peer gone.
        family.say(f"server: {sock.recv(1024).decode()}")
    sock.close()


if __name__ == "__main__":
    main()
