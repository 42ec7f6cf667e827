// Protocol: u16be length, payload of at most 16 bytes; the reply is the payload in capitals, framed
// alike. A longer message is refused: the connection is closed.
//
// Bug: a message of exactly 16 bytes is let in, and then there is no room for the NUL behind it.
// In real life: the NUL is written, and overwrites a neighbour; here, as with a hardened library, the
// process is aborted.
#include "zoo.h"

enum { MOST = 16 };

static void session(int fd, bool fixed) {
    char text[MOST + 1];
    const size_t room = fixed ? sizeof text : MOST;
    unsigned char head[2];
    while (read_exactly(fd, head, 2)) {
        size_t length = head[0] << 8 | head[1];
        if (length > MOST || !read_exactly(fd, text, length)) return;
        if (length >= room) abort();
        text[length] = 0;
        capitals(text, length);
        if (!write_all(fd, head, 2) || !write_all(fd, text, length)) return;
    }
}

int main(int argc, char **argv) { serve(argc, argv); }
