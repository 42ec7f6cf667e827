/*
 * The limit: what plain C reaches as a framed echo server, for run.py to measure framecat against.
 *
 * One thread, level-triggered epoll, messages of a u32 big-endian length and that many bytes. It does the same work as
 * `framecat serve --frame u32be --service echo`: finds every message, refuses one over 1 MiB, answers only whole ones.
 * What makes it fast: large reads, messages parsed where they lie, one write for all replies of a read, and one buffer
 * shared by all connections, so that an idle one costs the 40 bytes of its struct and nothing else.
 *
 *     limit_server PORT        (0: the kernel picks one; the address is printed on stderr)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER = 4,
    MAX_MESSAGE = 1 << 20,
    READ_SIZE = 128 << 10, /* a batch of 1,024 small messages in one read, and still well inside the L2 cache */
    BACKLOG = 4096,        /* 1,024 loses a second for half of 4,000 clients that come at once */
    EVENTS = 512,
    LIFETIME = 3600,       /* seconds: a server that a killed benchmark left behind ends by itself */
};

struct conn {
    char *in;        /* an incomplete message, parked because another connection took the buffer */
    size_t in_len;
    char *out;       /* replies the socket did not take; nothing is read until they are gone */
    size_t out_len, out_sent;
};

/* Holds the incomplete message of `owner`, if any, at its start; room for one read behind the largest of them. */
static char buffer[HEADER + MAX_MESSAGE + READ_SIZE];
static struct conn *owner;

static struct conn *conns; /* by descriptor */
static int epoll_fd;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        die("calloc");
    return memory;
}

static void watch(int fd, int operation, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.fd = fd };
    if (epoll_ctl(epoll_fd, operation, fd, &event) < 0)
        die("epoll_ctl");
}

static void drop(int fd)
{
    struct conn *conn = &conns[fd];
    if (owner == conn)
        owner = NULL;
    free(conn->in);
    free(conn->out);
    *conn = (struct conn){ 0 };
    close(fd);
}

static void own_buffer(struct conn *conn)
{
    if (owner == conn)
        return;
    if (owner && owner->in_len) {
        owner->in = allocate(1, owner->in_len);
        memcpy(owner->in, buffer, owner->in_len);
    }
    if (conn->in) {
        memcpy(buffer, conn->in, conn->in_len);
        free(conn->in);
        conn->in = NULL;
    }
    owner = conn;
}

/* How many of the buffer's first `len` bytes are whole messages; -1 when one is too big. */
static ssize_t whole_messages(size_t len)
{
    size_t at = 0;
    while (len - at >= HEADER) {
        uint32_t size;
        memcpy(&size, buffer + at, HEADER);
        size = be32toh(size);
        if (size > MAX_MESSAGE)
            return -1;
        if (len - at - HEADER < size)
            break;
        at += HEADER + size;
    }
    return (ssize_t)at;
}

/* How many bytes the socket took, which may be none; -1 when the connection is gone. */
static ssize_t offer(int fd, const char *bytes, size_t len)
{
    ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return n;
}

static void answer(int fd)
{
    struct conn *conn = &conns[fd];
    own_buffer(conn);
    ssize_t n = recv(fd, buffer + conn->in_len, READ_SIZE, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop(fd);
        return;
    }

    size_t len = conn->in_len + (size_t)n;
    ssize_t whole = whole_messages(len);
    ssize_t sent = whole > 0 ? offer(fd, buffer, (size_t)whole) : whole;
    if (sent < 0) {
        drop(fd);
        return;
    }
    if (sent < whole) {
        conn->out_len = (size_t)(whole - sent);
        conn->out_sent = 0;
        conn->out = allocate(1, conn->out_len);
        memcpy(conn->out, buffer + sent, conn->out_len);
        watch(fd, EPOLL_CTL_MOD, EPOLLOUT);
    }
    conn->in_len = len - (size_t)whole;
    memmove(buffer, buffer + whole, conn->in_len);
}

static void flush(int fd)
{
    struct conn *conn = &conns[fd];
    ssize_t n = offer(fd, conn->out + conn->out_sent, conn->out_len - conn->out_sent);
    if (n < 0) {
        drop(fd);
        return;
    }
    conn->out_sent += (size_t)n;
    if (conn->out_sent == conn->out_len) {
        free(conn->out);
        conn->out = NULL;
        watch(fd, EPOLL_CTL_MOD, EPOLLIN);
    }
}

static void accept_all(int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            watch(fd, EPOLL_CTL_ADD, EPOLLIN);
        else if (errno == EAGAIN)
            return;
        else if (errno != ECONNABORTED && errno != EINTR)
            die("accept");
    }
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof addr;
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    /* Accepted sockets inherit it, which saves a call for each. */
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        die("TCP_NODELAY");
    if (bind(fd, (struct sockaddr *)&addr, len) < 0 || listen(fd, BACKLOG) < 0)
        die("bind and listen");
    if (getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
        die("getsockname");
    fprintf(stderr, "listening on tcp://127.0.0.1:%u\n", ntohs(addr.sin_port));
    return fd;
}

static rlim_t raise_descriptor_limit(void)
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
    if (argc != 2) {
        fprintf(stderr, "usage: limit_server PORT\n");
        return 2;
    }
    alarm(LIFETIME);
    conns = allocate(raise_descriptor_limit(), sizeof *conns);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0)
        die("epoll_create1");
    int listener = listen_on((uint16_t)atoi(argv[1]));
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);

    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll_fd, events, EVENTS, -1);
        if (count < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener)
                accept_all(listener);
            else if (conns[fd].out)
                flush(fd);
            else
                answer(fd);
        }
    }
}
