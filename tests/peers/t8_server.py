"""T8: conversation server for clients in series; its person types the replies.

Run: python3 t8_server.py [ADDRESS]    (default 127.0.0.1:2333; replies on stdin)
"""

import sys

import family


def talk(conn):
    while True:
        # Mistake kept: an empty read (the client left) is shown and answered like any
        # other; it never goes back to accept, so the next in the queue is not served.
        heard = conn.recv(1024).decode()
        family.say(f"client: {heard}")
        reply = family.typed("server>")
        if reply is None:
            sys.exit()
        # Mistake kept: a reply to a client that left is not caught when it fails.
        conn.send(reply.encode())


def main():
    listener = family.listen_stream(family.argument("127.0.0.1:2333"), backlog=1024)
    family.announce(listener)
    while True:
        conn, _ = listener.accept()
        talk(conn)


if __name__ == "__main__":
    main()
