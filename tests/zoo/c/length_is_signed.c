// Protocol: u32be length, payload; the reply is the payload in capitals, framed alike.
//
// Bug: the length is taken as it comes, in a signed int. Above 2 GiB it is negative, as a size it is
// immense, there is no such memory, and "out of memory" ends the process.
// In real life: xmalloc(ntohl(length)). Whoever connects can end the server with four bytes.
#include "zoo.h"

static void *xmalloc(size_t size) {
    void *memory = malloc(size ? size : 1);
    if (!memory) abort();
    return memory;
}

static void session(int fd, bool fixed) {
    unsigned char head[4];
    while (read_exactly(fd, head, 4)) {
        int32_t length = (int32_t)((uint32_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3]);
        if (length > 1 << 20 || (fixed && length < 0)) return;
        char *body = xmalloc((size_t)length);
        bool on = read_exactly(fd, body, length);
        if (on) capitals(body, length);
        on = on && write_all(fd, head, 4) && write_all(fd, body, length);
        free(body);
        if (!on) return;
    }
}

int main(int argc, char **argv) { serve(argc, argv); }
