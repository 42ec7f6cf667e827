// Client: NAME HOST PORT [--fixed]. Sends `hi`; prints the reply: u16be length, payload.
//
// Bug: the end of the stream ends the loop as if everything had come: half a reply, exit status 0.
// In real life: while ((n = read(...)) > 0), and nobody asks whether that was all. Half a download.
#include "zoo.h"

static void session(int fd, bool fixed) {
    unsigned char reply[2 + 65535];
    size_t used = 0, whole = 2;
    ssize_t n;
    while (used < whole && (n = read(fd, reply + used, whole - used)) > 0) {
        used += n;
        if (used == 2) whole = 2 + (reply[0] << 8 | reply[1]);
    }
    if (used < whole && fixed) {
        fputs("the reply is not whole\n", stderr);
        exit(1);
    }
    if (used > 2) fwrite(reply + 2, 1, used - 2, stdout);
    putchar('\n');
}

int main(int argc, char **argv) {
    int fd = connect_to(argv);
    if (!write_all(fd, "\0\2hi", 4)) return 1;
    session(fd, zoo_flag(argc, argv, "--fixed"));
    return 0;
}
