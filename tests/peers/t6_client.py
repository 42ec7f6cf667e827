"""T6: one of two people who talk in strict turns (the caller); "bye" ends both.

Run: python3 t6_client.py [ADDRESS]    (default 127.0.0.1:8001; lines on stdin)
"""

import family


def talk(sock):
    while True:
        line = family.typed("client>")
        if line is None:
            return
        # Mistake kept: an empty line sends nothing, and both sides wait.
        sock.send(line.encode())
        if line == "bye":
            return
        # Mistake kept: one recv is one message, even the empty one of a peer gone.
        heard = sock.recv(1024).decode()
        family.say(f"server: {heard}")
        if heard == "bye":
            return


def main():
    sock = family.connect_stream(family.argument("127.0.0.1:8001"))
    talk(sock)
    sock.close()


if __name__ == "__main__":
    main()
