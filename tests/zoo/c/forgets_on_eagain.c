// Protocol: u16be length, payload; the reply is the payload in capitals, framed alike. The socket
// does not block.
//
// Bug: when a message is not whole yet (EAGAIN), the function returns, and with it goes what it had
// read. The next call takes the rest for the beginning of a message.
// In real life: a blocking reader is made non-blocking by "return, and try again when readable".
#include "zoo.h"

struct part {
    char bytes[2 + 65535];
    size_t used;
};

// Reads until the message is whole: 1. Or there is no more for now: 0. Or the stream is over: -1.
static int receive(int fd, struct part *part, size_t *whole) {
    for (;;) {
        unsigned char *head = (unsigned char *)part->bytes;
        *whole = part->used < 2 ? 2 : 2 + (head[0] << 8 | head[1]);
        if (part->used >= 2 && part->used == *whole) return 1;
        ssize_t n = read(fd, part->bytes + part->used, *whole - part->used);
        if (n < 0 && errno == EAGAIN) return 0;
        if (n <= 0) return -1;
        part->used += n;
    }
}

static void session(int fd, bool fixed) {
    struct part *part = calloc(1, sizeof *part);
    size_t whole;
    int got = 0;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (part && got >= 0) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        poll(&readable, 1, -1);
        if (!fixed) part->used = 0;
        while ((got = receive(fd, part, &whole)) > 0) {
            capitals(part->bytes + 2, whole - 2);
            if (!write_all(fd, part->bytes, whole)) got = -1;
            part->used = 0;
            if (got < 0) break;
        }
    }
    free(part);
}

int main(int argc, char **argv) { serve(argc, argv); }
