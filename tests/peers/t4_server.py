"""T4: one-shot ACK server, one thread a client: one read, "ACK!", close.

Run: python3 t4_server.py [ADDRESS]    (default 0.0.0.0:6666, every interface)
"""

import threading

import family


def serve(conn, peer):
    # Mistake kept: one recv is taken for the whole message.
    message = conn.recv(1024).decode()
    family.say(f"[{peer}] {message}")
    conn.send(b"ACK!")
    # Mistake kept: closed with input perhaps unread, which resets: the ACK may be lost.
    conn.close()


def main():
    listener = family.listen_stream(family.argument("0.0.0.0:6666"), backlog=5)
    family.announce(listener)
    while True:
        conn, address = listener.accept()
        peer = family.spell(address)
        threading.Thread(target=serve, args=(conn, peer)).start()


if __name__ == "__main__":
    main()
