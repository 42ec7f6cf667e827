"""Protocol: a line in; the line in capitals out. One thread and a selector for all connections.

Bug: the end of the stream inside a line is no end: the socket stays in the selector, which from then
on reports it readable at once, for ever. The others are served, at 100 % CPU.
In real life: "the line is not whole, so wait for the rest".
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
    if not data:
        return buffers[conn] and not fixed
    *lines, buffers[conn] = (buffers[conn] + data).split(b"\n")
    if lines:
        conn.sendall(b"".join(line.upper() + b"\n" for line in lines))
    return len(buffers[conn]) <= zoo.LIMIT


while True:
    for key, _ in ready.select():
        conn = key.fileobj
        if conn is listener:
            conn, _ = listener.accept()
            buffers[conn] = b""
            ready.register(conn, selectors.EVENT_READ)
            continue
        try:
            on = turn(conn)
        except ConnectionError:
            on = False
        if not on:
            ready.unregister(conn)
            del buffers[conn]
            conn.close()
