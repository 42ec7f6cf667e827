// Protocol: a line in; the line in capitals out.
//
// Bug: one line is answered a read. A second one that came with it lies in the buffer until more
// comes, and a client that waits for its answer sends no more.
// In real life: the event loop calls "on readable", which takes one message and returns; the kernel
// has nothing more, so it is not called again.
#include "zoo.h"

static void session(int fd, bool fixed) {
    char buffer[4096];
    size_t used = 0;
    for (;;) {
        ssize_t n = read(fd, buffer + used, sizeof buffer - used);
        if (n <= 0) return;
        used += n;
        char *end;
        while ((end = memchr(buffer, '\n', used))) {
            size_t line = end + 1 - buffer;
            capitals(buffer, line);
            if (!write_all(fd, buffer, line)) return;
            memmove(buffer, end + 1, used -= line);
            if (!fixed) break;
        }
    }
}

int main(int argc, char **argv) { serve(argc, argv); }
