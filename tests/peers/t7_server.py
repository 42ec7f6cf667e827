"""T7: answers one "hello!" with "hi", closes, ends.

Run: python3 t7_server.py [ADDRESS] [--no-reuse-address]    (default 127.0.0.1:8898)
"""

import sys

import family

OPTION = "--no-reuse-address"


def main():
    reuse = OPTION not in sys.argv
    if not reuse:
        sys.argv.remove(OPTION)
    listener = family.listen_stream(family.argument("127.0.0.1:8898"), 5, reuse)
    family.announce(listener)
    conn, _ = listener.accept()
    # Mistake kept: one recv is taken for the whole message.
    family.say(conn.recv(1024).decode())
    conn.send(b"hi")
    conn.close()  # usually the first to close, and then TIME_WAIT is here
    listener.close()


if __name__ == "__main__":
    main()
