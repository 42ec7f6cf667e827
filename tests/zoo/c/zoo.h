// What the C animals share: the command line, the listener, a thread a connection.
// Run: NAME --port N [--fixed]; a client: NAME HOST PORT [--fixed]. SIGPIPE is ignored.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// What an animal does with a connection; it is closed behind it.
static void session(int fd, bool fixed);

static bool zoo_fixed;

static void zoo_die(const char *what) {
    perror(what);
    exit(2);
}

static bool zoo_flag(int argc, char **argv, const char *flag) {
    for (int i = 1; i < argc; i++) if (!strcmp(argv[i], flag)) return true;
    return false;
}

static void *zoo_thread(void *argument) {
    int fd = (int)(intptr_t)argument;
    session(fd, zoo_fixed);
    close(fd);
    return NULL;
}

__attribute__((noreturn)) static inline void serve(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], "--port")) address.sin_port = htons(atoi(argv[i + 1]));
    zoo_fixed = zoo_flag(argc, argv, "--fixed");
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address)) zoo_die("bind");
    if (listen(listener, 128)) zoo_die("listen");
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t thread;
        if (fd < 0) continue;
        if (pthread_create(&thread, NULL, zoo_thread, (void *)(intptr_t)fd)) close(fd);
        else pthread_detach(thread);
    }
}

static inline int connect_to(char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) zoo_die(argv[1]);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) zoo_die("connect");
    signal(SIGPIPE, SIG_IGN);
    return fd;
}

// Reads count bytes, however they come; false if the stream ends or breaks before.
static inline bool read_exactly(int fd, void *buffer, size_t count) {
    for (char *at = buffer; count;) {
        ssize_t n = read(fd, at, count);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n, count -= n;
    }
    return true;
}

// Writes count bytes, in as many writes as it takes, also where the socket does not block.
static inline bool write_all(int fd, const void *buffer, size_t count) {
    for (const char *at = buffer; count;) {
        ssize_t n = write(fd, at, count);
        struct pollfd room = {.fd = fd, .events = POLLOUT};
        if (n < 0 && errno == EAGAIN) poll(&room, 1, -1);
        else if (n < 0 && errno != EINTR) return false;
        if (n > 0) at += n, count -= n;
    }
    return true;
}

static inline void capitals(char *text, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (text[i] >= 'a' && text[i] <= 'z') text[i] -= 'a' - 'A';
}
