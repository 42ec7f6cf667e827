"""Protocol: a line in; the line in capitals out. One thread and a selector for all connections.

Bug: ConnectionResetError is not caught, and ends the loop and with it the process.
In real life: a polite test client never resets; a browser's stop button does.
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
    *lines, buffers[conn] = (buffers[conn] + data).split(b"\n")
    if lines:
        conn.sendall(b"".join(line.upper() + b"\n" for line in lines))
    return data and len(buffers[conn]) <= zoo.LIMIT


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
            if not fixed:
                raise
            on = False
        if not on:
            ready.unregister(conn)
            del buffers[conn]
            conn.close()
