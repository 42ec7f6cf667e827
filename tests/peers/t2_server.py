"""T2: upper-casing server, one client at a time, no framing.

Run: python3 t2_server.py [ADDRESS]    (default 127.0.0.1:8082)
"""

import family


def serve(conn):
    while True:
        # Mistake kept: one recv is taken for one message.
        data = conn.recv(1024)
        if not data:
            return
        conn.send(data.upper())  # of bytes: only ASCII letters change


def main():
    listener = family.listen_stream(family.argument("127.0.0.1:8082"), backlog=5)
    family.announce(listener)
    while True:
        # Serial: while one client is served, the others wait in the accept queue.
        conn, _ = listener.accept()
        try:
            serve(conn)
        except OSError:
            pass  # this connection failed: on to the next
        conn.close()


if __name__ == "__main__":
    main()
