// Protocol: a line in; 1000 dots and a line end out. The socket does not block, its buffer is small,
// as on a device.
//
// Bug: what write() returns is not looked at. If the client reads slowly, the rest of a reply is lost.
// In real life: the test's client reads at once, and there is always room.
#include "zoo.h"

static void session(int fd, bool fixed) {
    char buffer[4096], reply[1001];
    size_t used = 0;
    int small = 16 * 1024;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    memset(reply, '.', 1000);
    reply[1000] = '\n';
    for (;;) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        poll(&readable, 1, -1);
        ssize_t n = read(fd, buffer + used, sizeof buffer - used);
        if (n <= 0) return;
        used += n;
        char *end;
        while ((end = memchr(buffer, '\n', used))) {
            if (fixed) {
                if (!write_all(fd, reply, sizeof reply)) return;
            } else if (write(fd, reply, sizeof reply) < 0 && errno != EAGAIN) {
                return;
            }
            memmove(buffer, end + 1, used -= end + 1 - buffer);
        }
    }
}

int main(int argc, char **argv) { serve(argc, argv); }
