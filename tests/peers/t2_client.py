"""T2: interactive client of the upper-casing server; a line from stdin, a reply.

Run: python3 t2_client.py [ADDRESS]    (default 127.0.0.1:8082)
"""

import family


def main():
    sock = family.connect_stream(family.argument("127.0.0.1:8082"))
    while True:
        line = family.typed(">>")
        if line is None:
            break
        text = line.strip()
        if not text:
            continue  # an empty send is no message: both ends would wait for ever
        sock.send(text.encode())
        # Mistake kept: one recv is taken for the whole reply; an empty one is printed.
        family.say(sock.recv(1024).decode())
    sock.close()


if __name__ == "__main__":
    main()
