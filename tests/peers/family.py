"""The address families, for all peers (T9).

An address is 127.0.0.1:0, [::1]:0, 0.0.0.0:0, /path/to.sock or @abstract-name. The text
decides the family, the tutorial stream or datagram. A server that is given port 0 says
the real port in its first line: `listening on 127.0.0.1:40123`.
"""

import socket
import sys


def argument(default):
    """The peer's first argument, its address; without it the tutorial's own."""
    return sys.argv[1] if len(sys.argv) > 1 else default


def parse(text):
    """Turn an address text into (family, what bind and connect take)."""
    if text.startswith("@"):
        return socket.AF_UNIX, b"\0" + text[1:].encode()
    if "/" in text:
        return socket.AF_UNIX, text
    host, _, port = text.rpartition(":")
    if host.startswith("["):
        return socket.AF_INET6, (host.strip("[]"), int(port))
    return socket.AF_INET, (host, int(port))


def spell(address):
    """Turn what getsockname, accept or recvfrom returned back into a text."""
    if not address:
        return "unnamed"  # a Unix client that did not bind a name
    if isinstance(address, tuple):
        host, port = address[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if isinstance(address, bytes):
        return "@" + address[1:].decode(errors="replace")
    return address


def listen_stream(text, backlog, reuse_address=True):
    """A listening stream socket. A Unix path stays behind when its server ends."""
    family, address = parse(text)
    sock = socket.socket(family, socket.SOCK_STREAM)
    if reuse_address and family != socket.AF_UNIX:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    sock.listen(backlog)
    return sock


def bind_datagram(text):
    """A bound datagram socket, for a server."""
    family, address = parse(text)
    sock = socket.socket(family, socket.SOCK_DGRAM)
    # Not with port 0: there Linux may give two such UDP sockets the same free port.
    if family != socket.AF_UNIX and address[1] != 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    return sock


def connect_stream(text):
    """A connected stream socket."""
    family, address = parse(text)
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.connect(address)
    return sock


def datagram_client(text):
    """A datagram socket that can be answered, and the address to send to."""
    family, address = parse(text)
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_UNIX:
        # Autobind: the kernel picks an abstract name. Some 3.9 and 3.10 releases take
        # the one name "\0" instead (cpython gh-94821): only one client at a time there.
        sock.bind("")
    return sock, address


def say(line):
    """Print a line in one write, so that threads do not mix theirs, and flush it."""
    print(f"{line}\n", end="", flush=True)


def announce(sock):
    """A server's first line."""
    say(f"listening on {spell(sock.getsockname())}")


def typed(prompt):
    """The person's next line without its newline, or None at the end of input."""
    print(prompt, end=" ", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    return line.rstrip("\n") if line else None
