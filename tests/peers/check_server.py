"""A server of lines for `framecat check`, right or odd in one way.

Run: python3 check_server.py MODE PORT    (0: any port; it is told)

MODE   echo       each line back
       large      each line is answered with 200,000 bytes
       parts      the answer in two parts, 100 ms apart
       late       every fifth answer comes 150 ms late
       counter    the answer holds how many there were so far
       talker     a word each 5 ms for ever, once it was spoken to
       silent     no answer
       greets     a greeting after 50 ms, then each line back
       dies       the process ends with 7 at its 40th connection
       half       the process ends with 9 of a line that was cut short after 3 bytes
       throttled  connections that come less than 20 ms after the last are closed at once
       racy       every fifth line that came in two reads is lost
       closes     one answer, then the end
       controls   answers with what a terminal would obey
"""

import os
import socketserver
import sys
import threading
import time

MODE, PORT = sys.argv[1], int(sys.argv[2])
LOCK = threading.Lock()
STATE = {"answers": 0, "connections": 0, "last": 0.0}


def count(what):
    with LOCK:
        STATE[what] += 1
        return STATE[what]


def too_soon():
    with LOCK:
        now = time.monotonic()
        soon = now - STATE["last"] < 0.02
        STATE["last"] = now
        return soon


class Session(socketserver.BaseRequestHandler):
    def handle(self):
        if MODE == "throttled" and too_soon():
            return
        if count("connections") == 40 and MODE == "dies":
            os._exit(7)
        if MODE == "greets":
            time.sleep(0.05)
            self.request.sendall(b"220 here\r\n")
        try:
            self.converse()
        except OSError:
            pass

    def converse(self):
        waiting = b""
        reads = 0
        while True:
            some = self.request.recv(65536)
            if not some:
                if MODE == "half" and len(waiting) == 3:
                    sys.stderr.write("half a line\n")
                    sys.stderr.flush()
                    os._exit(9)
                return
            waiting += some
            reads += 1
            while b"\n" in waiting:
                line, waiting = waiting.split(b"\n", 1)
                cut, reads = reads > 1, 0
                if MODE == "racy" and cut and count("answers") % 5 == 0:
                    continue
                self.answer(line + b"\n")
                if MODE == "closes":
                    return

    def answer(self, line):
        number = count("answers")
        if MODE == "large":
            self.request.sendall(b"x" * 199_999 + b"\n")
        elif MODE == "parts":
            self.request.sendall(b"OK ")
            time.sleep(0.1)
            self.request.sendall(line)
        elif MODE == "counter":
            self.request.sendall(b"answer %d\n" % number)
        elif MODE == "talker":
            while True:
                self.request.sendall(b"word\n")
                time.sleep(0.005)
        elif MODE == "controls":
            self.request.sendall(b"\x1b]0;owned\x07\x1b[2J" + line)
        elif MODE != "silent":
            if MODE == "late" and number > 12 and number % 5 == 0:
                time.sleep(0.15)
            self.request.sendall(line)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


with Server(("127.0.0.1", PORT), Session) as server:
    print("listening on 127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()
