// Protocol: u32be length, payload; the reply is the payload in capitals, framed alike.
//
// Bug: the header is peeked at until it is whole. A peek does not wait for more: it returns what is
// there, again and again, at 100 % CPU; if the client ends there, for ever.
// In real life: a peek decides between two protocols, and the header always came whole.
#include "zoo.h"

static void session(int fd, bool fixed) {
    char body[4096];
    for (;;) {
        unsigned char head[4];
        ssize_t n = 1;
        while (!fixed && (n = recv(fd, head, 4, MSG_PEEK)) > 0 && n < 4) {}
        if (n <= 0 || !read_exactly(fd, head, 4)) return;
        uint32_t length = (uint32_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
        if (length > sizeof body || !read_exactly(fd, body, length)) return;
        capitals(body, length);
        if (!write_all(fd, head, 4) || !write_all(fd, body, length)) return;
    }
}

int main(int argc, char **argv) { serve(argc, argv); }
