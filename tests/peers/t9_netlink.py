"""T9: asks the kernel for its socket tables over NETLINK_SOCK_DIAG, by hand.

Run: python3 t9_netlink.py tcp4|tcp6|udp4 [PORT]    (PORT: the local or the remote one)
Prints a line a socket: STATE local_ip:port remote_ip:port rqueue wqueue inode
(of a LISTEN socket rqueue is its accept queue now and wqueue its backlog).
"""

import os
import socket
import struct
import sys

import family

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port id
REQUEST = struct.Struct("=BBBxI48x")  # family, protocol, extensions, states, socket id
ROW = struct.Struct("=BBBB 4s16s16sI8s IIIII")  # inet_diag_msg; "4s" is the two ports
KINDS = {
    "tcp4": (socket.AF_INET, socket.IPPROTO_TCP),
    "tcp6": (socket.AF_INET6, socket.IPPROTO_TCP),
    "udp4": (socket.AF_INET, socket.IPPROTO_UDP),
}
STATES = (
    "? ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT"
    " LAST_ACK LISTEN CLOSING NEW_SYN_RECV"
).split()


def dump(kind, protocol):
    """Yield the payload of every answer to one dump request."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as sock:
        body = REQUEST.pack(kind, protocol, 0, 0xFFFFFFFF)
        flags = NLM_F_REQUEST | NLM_F_DUMP
        length = HEADER.size + len(body)
        head = HEADER.pack(length, SOCK_DIAG_BY_FAMILY, flags, 1, 0)
        sock.sendto(head + body, (0, 0))
        while True:
            data = sock.recv(65536)
            while data:
                length, answer, _, _, _ = HEADER.unpack_from(data)
                payload = data[HEADER.size : length]
                if answer in (NLMSG_ERROR, NLMSG_DONE):
                    (code,) = struct.unpack_from("=i", payload)
                    if code:
                        raise OSError(-code, os.strerror(-code))
                    return
                yield payload
                data = data[(length + 3) & ~3 :]


def main():
    kind, protocol = KINDS[sys.argv[1]]
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else None
    size = 4 if kind == socket.AF_INET else 16
    for payload in dump(kind, protocol):
        row = ROW.unpack_from(payload)
        state, ports, source, target = row[1], row[4], row[5], row[6]
        rqueue, wqueue, _, inode = row[10:14]
        near, far = struct.unpack("!HH", ports)
        if wanted is None or wanted in (near, far):
            local = family.spell((socket.inet_ntop(kind, source[:size]), near))
            remote = family.spell((socket.inet_ntop(kind, target[:size]), far))
            family.say(f"{STATES[state]} {local} {remote} {rqueue} {wqueue} {inode}")


if __name__ == "__main__":
    main()
