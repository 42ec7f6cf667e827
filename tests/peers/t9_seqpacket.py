"""T9: Unix seqpacket sockets, connected and yet with boundaries; an empty message is one.

Run: python3 t9_seqpacket.py server|client ADDRESS    (/path/to.sock or @abstract)
The server prints each message and sends it back, to one client after another. The client
sends each line of stdin, even an empty one, and prints the reply.
"""

import socket
import sys

import family


def message(sock):
    """The next message, or None at the end of the stream.

    recv returns nothing for both. But a message brings its sender's credentials along,
    which SO_PASSCRED asks for, and the end brings nothing.
    """
    data, extra, _, _ = sock.recvmsg(65536, socket.CMSG_SPACE(12))
    return data if data or extra else None


def packet_socket():
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return sock


def serve(address):
    listener = packet_socket()  # accepted sockets inherit SO_PASSCRED
    listener.bind(address)
    listener.listen(5)
    family.announce(listener)
    while True:
        conn, _ = listener.accept()
        while (data := message(conn)) is not None:
            family.say(f"{len(data)} B: {data.decode()}")
            conn.send(data)
        family.say("end of stream")
        conn.close()


def converse(address):
    sock = packet_socket()
    sock.connect(address)
    while (line := family.typed(">>")) is not None:
        sock.send(line.encode())
        reply = message(sock)
        family.say("end of stream" if reply is None else f"{len(reply)} B: {reply.decode()}")
    sock.close()


def main():
    role, text = sys.argv[1:]
    _, address = family.parse(text)
    if role == "server":
        serve(address)
    else:
        converse(address)


if __name__ == "__main__":
    main()
