// Protocol: a line in; the line in capitals out. When something is wrong, a last word: `ERR`.
//
// Bug: the last word is also written to a connection that was reset. That is SIGPIPE, and the end of
// the process with all its connections.
// In real life: SIGPIPE's default is made for pipelines of programs; nobody meets it in a test, since
// the first write after a reset returns an error, and only the second one kills.
#include "zoo.h"

static void session(int fd, bool fixed) {
    char buffer[4096];
    size_t used = 0;
    if (!fixed) signal(SIGPIPE, SIG_DFL);
    for (;;) {
        ssize_t n = read(fd, buffer + used, sizeof buffer - used);
        if (n == 0 && used < sizeof buffer) return;
        if (n <= 0) break;
        used += n;
        char *end;
        while ((end = memchr(buffer, '\n', used))) {
            size_t line = end + 1 - buffer;
            capitals(buffer, line);
            if (!write_all(fd, buffer, line)) goto wrong;
            memmove(buffer, end + 1, used -= line);
        }
    }
wrong:
    write_all(fd, "ERR\n", 4);
}

int main(int argc, char **argv) { serve(argc, argv); }
