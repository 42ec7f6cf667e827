// Client: NAME HOST PORT [--fixed]. Sends `hi`; prints the reply: u16be length, payload.
//
// Bug: every read that brings nothing is tried again, as after a signal: also the end of the stream
// and a reset. The client never ends.
// In real life: a retry that was made for EINTR and EAGAIN.
#include "zoo.h"

static bool receive(int fd, unsigned char *buffer, size_t count, bool fixed) {
    while (count) {
        ssize_t n = read(fd, buffer, count);
        bool again = n < 0 && (errno == EINTR || errno == EAGAIN);
        if (n <= 0 && fixed && !again) return false;
        if (n > 0) buffer += n, count -= n;
        else usleep(1000);
    }
    return true;
}

static void session(int fd, bool fixed) {
    unsigned char head[2], body[65535];
    size_t length;
    if (!receive(fd, head, 2, fixed) ||
        !receive(fd, body, length = head[0] << 8 | head[1], fixed)) {
        fputs("the reply is not whole\n", stderr);
        exit(1);
    }
    fwrite(body, 1, length, stdout);
    putchar('\n');
}

int main(int argc, char **argv) {
    int fd = connect_to(argv);
    if (!write_all(fd, "\0\2hi", 4)) return 1;
    session(fd, zoo_flag(argc, argv, "--fixed"));
    return 0;
}
