// Protocol: u16be length, payload of at most 60 bytes; the reply is the payload in capitals, framed
// alike.
//
// Bug: behind a whole message, the beginning of the next one is moved to the front of the buffer. If
// its length is known by then, the bytes that are missing are subtracted once too often: the count of
// the move becomes negative, as a size immense.
// In real life: heap corruption in a web server, at 1 of 79 offsets of a joined pair; no single
// message can show it. Here the count is checked, as a hardened library does, and the process aborted.
#include "zoo.h"

static unsigned char *front(unsigned char *buffer, size_t room, const unsigned char *from, size_t n) {
    if (n > room) abort();
    return memmove(buffer, from, n);
}

static void session(int fd, bool fixed) {
    unsigned char buffer[64];
    size_t used = 0;
    for (;;) {
        ssize_t n = read(fd, buffer + used, sizeof buffer - used);
        if (n <= 0) return;
        used += n;
        while (used >= 2) {
            size_t whole = 2 + (buffer[0] << 8 | buffer[1]);
            if (whole > sizeof buffer - 2) return;
            if (used < whole) break;
            capitals((char *)buffer + 2, whole - 2);
            if (!write_all(fd, buffer, whole)) return;
            const unsigned char *next = buffer + whole;
            size_t rest = used - whole, missing = 0;
            if (rest >= 2 && rest < 2u + (next[0] << 8 | next[1]))
                missing = 2 + (next[0] << 8 | next[1]) - rest;
            front(buffer, sizeof buffer, next, fixed ? rest : rest - missing);
            used = rest;
        }
    }
}

int main(int argc, char **argv) { serve(argc, argv); }
