"""T6: one of two people who talk in strict turns (the one called); "bye" ends both.

Run: python3 t6_server.py [ADDRESS]    (default 127.0.0.1:8001; replies on stdin)
"""

import family


def talk(conn):
    while True:
        # Mistake kept: one recv is one message, even the empty one of a peer gone.
        heard = conn.recv(1024).decode()
        family.say(f"client: {heard}")
        if heard == "bye":
            return
        reply = family.typed("server>")
        if reply is None:
            return
        # Mistake kept: an empty line sends nothing, and both sides wait.
        conn.send(reply.encode())
        if reply == "bye":
            return


def main():
    listener = family.listen_stream(family.argument("127.0.0.1:8001"), backlog=5)
    family.announce(listener)
    conn, _ = listener.accept()
    talk(conn)
    conn.close()
    listener.close()


if __name__ == "__main__":
    main()
