/*
 * The load that run.py puts on framecat and on the C limit alike: u32 big-endian framed messages over loopback.
 *
 *     load pipeline PORT SIZE WINDOW SECONDS   messages per second with WINDOW of them outstanding
 *     load ping PORT SIZE COUNT                round trips one by one: p50 and p99
 *     load idle PORT N                         N connections, an echo on each, held until stdin closes
 *     load burst PORT N                        N connects at once, an echo on each: who finished, who stalled
 *
 * Prints one line of names and figures on stdout. A wrong reply, or none, ends it with status 1; every mode has a time
 * limit, so a server that hangs cannot hang the benchmark.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    HEADER = 4,
    SMALL = 64,             /* the message of idle and burst */
    READ_SIZE = 128 << 10,
    SOURCES = 4,            /* past about 14,000 connections from one address the kernel's port search takes seconds */
    EVENTS = 512,
    BURST_LIMIT = 20,       /* seconds: a lost SYN is sent again after 1, 3, 7 and 15 */
    TIME_LIMIT = 60,
    HOLD_LIMIT = 600,
    RECEIVE_BUFFER = 4 << 20,
};

static const double WARM_UP = 0.2; /* seconds of pipeline before its clock starts: the socket buffers grow at first */
static const double STALL = 0.9;   /* seconds: nothing on loopback takes this long but a lost SYN */

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void fail(const char *why)
{
    fprintf(stderr, "load: %s\n", why);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        die("calloc");
    return memory;
}

/* `len` bytes of the same framed message over and over, whose payload differs from byte to byte. */
static char *repeated_message(size_t size, size_t len)
{
    size_t frame = HEADER + size;
    uint32_t header = htonl((uint32_t)size);
    char *bytes = allocate(len < frame ? frame : len, 1);
    memcpy(bytes, &header, HEADER);
    for (size_t i = HEADER; i < frame; i++)
        bytes[i] = (char)('!' + i % 89);
    for (size_t i = frame; i < len; i++)
        bytes[i] = bytes[i - frame];
    return bytes;
}

/* Connects from the n-th source address; not blocking, the connect is only under way. -1: refused at once. */
static int connect_from(int n, uint16_t port, int flags)
{
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(n % SOURCES)) };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    /* Closed by a reset: tens of thousands of sockets in TIME_WAIT would burden the run that comes next. */
    struct linger reset = { .l_onoff = 1 };
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        die("socket");
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* Without it bind itself takes a port, from one pool for all destinations. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
        die("bind");
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

static int connect_to(int n, uint16_t port)
{
    int fd = connect_from(n, port, 0);
    if (fd < 0)
        die("connect");
    return fd;
}

/* One message there and back on a blocking socket. */
static void round_trip(int fd, const char *message, char *reply, size_t frame)
{
    for (size_t sent = 0; sent < frame;) {
        ssize_t n = send(fd, message + sent, frame - sent, MSG_NOSIGNAL);
        if (n < 0)
            die("send");
        sent += (size_t)n;
    }
    for (size_t got = 0; got < frame;) {
        ssize_t n = recv(fd, reply + got, frame - got, 0);
        if (n < 0)
            die("recv");
        if (n == 0)
            fail("the server closed before the reply was whole");
        got += (size_t)n;
    }
    if (memcmp(message, reply, frame) != 0)
        fail("the reply differs from the message");
}

/* Whether every length in `in` is right and where it belongs, when `in` starts `at` bytes into a reply. */
static int lengths_match(const char *in, size_t len, size_t at, const char *message, size_t frame)
{
    size_t next = at ? frame - at : 0;
    if (at && at < HEADER && memcmp(in, message + at, len < HEADER - at ? len : HEADER - at) != 0)
        return 0;
    for (; next + HEADER <= len; next += frame)
        if (memcmp(in + next, message, HEADER) != 0)
            return 0;
    return next >= len || memcmp(in + next, message, len - next) == 0;
}

/*
 * Sends as many messages as replies came in, in one write, so WINDOW are always outstanding. Replies are compared byte
 * by byte before and after the clock runs; while it runs only by their lengths, or half of what is measured would be
 * this program.
 */
static void pipeline(uint16_t port, size_t size, size_t window, double seconds)
{
    static char in[READ_SIZE];
    size_t frame = HEADER + size, batch = frame * window;
    const char *out = repeated_message(size, frame + (batch > READ_SIZE ? batch : READ_SIZE));
    int fd = connect_to(0, port);
    uint64_t sent = 0, got = 0, allowed = batch, first = 0, last = 0;
    double start = 0, stop = 0, begin = now();
    int room = RECEIVE_BUFFER;

    /* Left to the kernel, the buffer grows by luck: with 1 MiB outstanding, some runs got half the rate of others. */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    alarm(TIME_LIMIT + (unsigned)seconds);

    while (!stop || got < sent) {
        if (sent < allowed) {
            ssize_t n = send(fd, out + sent % frame, allowed - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (n < 0 && errno != EAGAIN)
                die("send");
            sent += n > 0 ? (uint64_t)n : 0;
        }
        if (sent < allowed) { /* the socket is full: wait for either side, or both ends would wait to write */
            struct pollfd ready = { .fd = fd, .events = POLLIN | POLLOUT };
            if (poll(&ready, 1, -1) < 0)
                die("poll");
            if (!(ready.revents & (POLLIN | POLLHUP | POLLERR)))
                continue;
        }
        ssize_t n = recv(fd, in, sizeof in, 0);
        if (n < 0)
            die("recv");
        if (n == 0)
            fail("the server closed");
        size_t len = (size_t)n, at = got % frame;
        int timed = start && !stop;
        if (timed ? !lengths_match(in, len, at, out, frame) : memcmp(in, out + at, len) != 0)
            fail("a reply differs from its message");
        got += len;
        if (got > sent)
            fail("more replies than messages");

        double t = now();
        if (!start && t - begin >= WARM_UP) {
            start = t;
            first = got / frame;
        } else if (timed && t - start >= seconds) {
            stop = t;
            last = got / frame;
            allowed = (sent + frame - 1) / frame * frame; /* only the message already begun is still sent */
        }
        if (!stop)
            allowed = got / frame * frame + batch;
    }
    printf("msg/s %.0f\n", (double)(last - first) / (stop - start));
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void ping(uint16_t port, size_t size, size_t count)
{
    size_t frame = HEADER + size, warm_up = count / 10;
    const char *message = repeated_message(size, frame);
    char *reply = allocate(frame, 1);
    double *us = allocate(count, sizeof *us);
    int fd = connect_to(0, port);
    for (size_t i = 0; i < warm_up; i++)
        round_trip(fd, message, reply, frame);
    double before = now();
    for (size_t i = 0; i < count; i++) {
        round_trip(fd, message, reply, frame);
        double after = now();
        us[i] = (after - before) * 1e6;
        before = after;
    }
    qsort(us, count, sizeof *us, ascending);
    printf("p50 %.2f p99 %.2f\n", us[count / 2], us[count * 99 / 100]);
}

static void idle(uint16_t port, int count)
{
    const char *message = repeated_message(SMALL, HEADER + SMALL);
    char reply[HEADER + SMALL], ignored[64];
    for (int i = 0; i < count; i++)
        round_trip(connect_to(i, port), message, reply, sizeof reply);
    printf("ready %d\n", count);
    fflush(stdout);
    alarm(HOLD_LIMIT);
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0)
        ;
}

struct attempt {
    double start;
    size_t got;
};

/* One step of a connection that is ready: sends the message, or takes in its reply. 1: done, 0: not yet, -1: failed. */
static int advance(int epoll_fd, struct epoll_event *event, struct attempt *attempt, const char *message)
{
    char reply[HEADER + SMALL];
    int fd = event->data.fd;
    if (event->events & EPOLLOUT) {
        if (send(fd, message, sizeof reply, MSG_NOSIGNAL) != sizeof reply)
            return -1;
        event->events = EPOLLIN;
        return epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, event);
    }
    ssize_t n = recv(fd, reply, sizeof reply - attempt->got, 0);
    if (n <= 0 || memcmp(reply, message + attempt->got, (size_t)n) != 0)
        return -1;
    attempt->got += (size_t)n;
    return attempt->got == sizeof reply;
}

static void burst(uint16_t port, int count, size_t descriptors)
{
    struct attempt *attempts = allocate(descriptors, sizeof *attempts);
    const char *message = repeated_message(SMALL, HEADER + SMALL);
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC), open = 0, finished = 0, stalled = 0;
    double begin = now(), end = begin;

    for (int i = 0; i < count; i++) {
        int fd = connect_from(i, port, SOCK_NONBLOCK);
        if (fd < 0)
            continue;
        struct epoll_event event = { .events = EPOLLOUT, .data.fd = fd };
        attempts[fd].start = now();
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
            die("epoll_ctl");
        open++;
    }
    while (open && now() - begin < BURST_LIMIT) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll_fd, events, EVENTS, 1000);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            int done = advance(epoll_fd, &events[i], &attempts[fd], message);
            if (!done)
                continue;
            end = now();
            open--;
            finished += done > 0;
            stalled += done > 0 && end - attempts[fd].start > STALL;
            /* Stays open, as all of them are to be there at once, but is not watched any more. */
            epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        }
    }
    printf("finished %d stalled %d seconds %.3f\n", finished, stalled, (open ? now() : end) - begin);
}

static size_t raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        die("getrlimit");
    if (limit.rlim_max > 1 << 20) /* some containers say a billion */
        limit.rlim_max = 1 << 20;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        die("setrlimit");
    return limit.rlim_cur;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    uint16_t port = argc > 2 ? (uint16_t)atoi(argv[2]) : 0;
    long number[3] = { 0 };
    for (int i = 3; i < argc && i < 6; i++)
        if ((number[i - 3] = atol(argv[i])) <= 0)
            fail("every figure must be a whole number above 0");

    size_t descriptors = raise_descriptor_limit();
    alarm(TIME_LIMIT);
    if (!strcmp(mode, "pipeline") && argc == 6)
        pipeline(port, (size_t)number[0], (size_t)number[1], (double)number[2]);
    else if (!strcmp(mode, "ping") && argc == 5)
        ping(port, (size_t)number[0], (size_t)number[1]);
    else if (!strcmp(mode, "idle") && argc == 4)
        idle(port, (int)number[0]);
    else if (!strcmp(mode, "burst") && argc == 4)
        burst(port, (int)number[0], descriptors);
    else {
        fprintf(stderr, "usage: load pipeline PORT SIZE WINDOW SECONDS | ping PORT SIZE COUNT | idle PORT N | burst PORT N\n");
        return 2;
    }
    return 0;
}
