"""Protocol: a line in; the line in capitals out. One thread and a selector for all connections.

Bug: one buffer for all connections: what one client left unfinished goes before the next one's line.
In real life: a global buffer from the time when there was one client, or one instance of a parser.
"""

import selectors

import zoo

listener, fixed = zoo.listen()
ready = selectors.DefaultSelector()
ready.register(listener, selectors.EVENT_READ)
buffers = {}


def turn(conn):
    """One read, and the answers to what it made whole; False at the end of the connection."""
    data = conn.recv(4096)
    owner = conn if fixed else None
    *lines, buffers[owner] = (buffers.get(owner, b"") + data).split(b"\n")
    if lines:
        conn.sendall(b"".join(line.upper() + b"\n" for line in lines))
    return data and len(buffers[owner]) <= zoo.LIMIT


while True:
    for key, _ in ready.select():
        conn = key.fileobj
        if conn is listener:
            conn, _ = listener.accept()
            ready.register(conn, selectors.EVENT_READ)
            continue
        try:
            on = turn(conn)
        except ConnectionError:
            on = False
        if not on:
            ready.unregister(conn)
            buffers.pop(conn, None)
            conn.close()
