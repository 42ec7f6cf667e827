"""T1: length-header server, one thread a client; header:64 in, raw "Msg received" out.

Run: python3 t1_server.py [ADDRESS]    (default 127.0.0.1:5050)
"""

import threading

import family

HEADER = 64
DISCONNECT = "!DISCONNECT"


def serve(conn, peer):
    connected = True
    while connected:
        # Mistake kept: one recv for the header, which may return less than 64 bytes.
        header = conn.recv(HEADER).decode()
        # Mistake kept: an empty read (the peer is gone) is not the end; this spins.
        if header:
            # Mistake kept: a non-numeric header raises and kills this thread only.
            length = int(header)
            # Mistake kept: one recv for the body, which may return less than length.
            message = conn.recv(length).decode()
            if message == DISCONNECT:
                connected = False
            family.say(f"[{peer}] {message}")
            conn.send(b"Msg received")  # no framing in this direction
    conn.close()


def main():
    listener = family.listen_stream(family.argument("127.0.0.1:5050"), backlog=128)
    family.announce(listener)
    while True:
        conn, address = listener.accept()
        peer = family.spell(address)
        family.say(f"[NEW CONNECTION] {peer} connected.")
        # The threads now, less the main one, and the one about to start. A thread that
        # spins counts as active for ever.
        family.say(f"[ACTIVE CONNECTIONS] {threading.active_count() - 1 + 1}")
        # Mistake kept: `conn` is held here too, so that the connection of a thread that
        # died stays open, silent, until the next accept.
        threading.Thread(target=serve, args=(conn, peer)).start()


if __name__ == "__main__":
    main()
