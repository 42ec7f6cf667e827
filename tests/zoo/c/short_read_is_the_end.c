// Protocol: a line in; `OK N` out, N being its bytes without the line end.
//
// Bug: reads blocks of 8 bytes until one is short: "less than I asked for, so that was all".
// In real life: it is how files are read, with a block of 4096. A line of exactly one block hangs.
#include "zoo.h"

// Fills buffer with what is taken for a line (fixed: at least with a line); 0 at the end.
static size_t receive(int fd, char *buffer, size_t used, size_t room, bool fixed) {
    for (;;) {
        if (fixed && memchr(buffer, '\n', used)) return used;
        size_t ask = room - used < 8 ? room - used : 8;
        ssize_t n = read(fd, buffer + used, ask);
        if (n < 0 || ask == 0 || (n == 0 && fixed)) return 0;
        used += n;
        if (!fixed && n < 8) return used;
    }
}

static void session(int fd, bool fixed) {
    char buffer[4096], reply[32];
    size_t used = 0;
    while ((used = receive(fd, buffer, used, sizeof buffer, fixed))) {
        char *end = fixed ? memchr(buffer, '\n', used) : buffer + used - 1;
        size_t taken = end + 1 - buffer, line = *end == '\n' ? taken - 1 : taken;
        int length = snprintf(reply, sizeof reply, "OK %zu\n", line);
        if (!write_all(fd, reply, length)) return;
        memmove(buffer, buffer + taken, used -= taken);
    }
}

int main(int argc, char **argv) { serve(argc, argv); }
