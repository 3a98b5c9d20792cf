// The two rivals of "bench cost" that are no Java, in one program:
//
//   cost app PORT N           accepts N connections and keeps them, as an application would
//   cost peers PORT N         connects N times to 127.0.0.1:PORT
//   cost floor PORT N ROUNDS HOLDER
//                             accepts N connections, and takes them over and back by itself, with
//                             the system calls of a takeover and nothing else; the copies are made
//                             in the network namespace that the file HOLDER stands for
//
// Whoever accepts says "listening", and "ready" with its descriptors when all are there; all end with
// their input. What floor measures it prints in between, a line for each round: nanoseconds for all N
// connections to be exported, recreated and conformed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef TCP_REPAIR_OFF_NO_WP
#define TCP_REPAIR_OFF_NO_WP -1
#endif
enum { RECEIVE_QUEUE = 1, SEND_QUEUE = 2 };
enum { OPTION_MSS = 2, OPTION_WINDOW = 3, OPTION_SACK = 4, OPTION_TIMESTAMP = 8 };
enum { RECEIVED_BYTES = 1000, PEERS_PER_ADDRESS = 20000, BUFFER_BYTES = 1 << 18 };
enum { WITHOUT_END = 0x7fffffff };

struct connection {
    struct sockaddr_in local, peer;
    struct tcp_info info;
    struct tcp_repair_window window;
    int receive_next, write_end, unread, unacknowledged, mss, timestamp;
};

static void must(int result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "error: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static void set(int socket, int level, int option, int value) {
    must(setsockopt(socket, level, option, &value, sizeof value), "setsockopt");
}

static void set_tcp(int socket, int option, int value) {
    set(socket, IPPROTO_TCP, option, value);
}

static int get_tcp(int socket, int option) {
    int value = 0;
    socklen_t length = sizeof value;
    must(getsockopt(socket, IPPROTO_TCP, option, &value, &length), "getsockopt");
    return value;
}

static int ask(int socket, unsigned long request) {
    int value = 0;
    must(ioctl(socket, request, &value), "ioctl");
    return value;
}

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static struct sockaddr_in loopback(int host, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(0x7f000000 + host);
    return address;
}

static void export(int socket, struct connection *it) {
    struct pollfd urgent = {.fd = socket, .events = POLLPRI};
    socklen_t length = sizeof it->info;
    set_tcp(socket, TCP_REPAIR, 1);
    set_tcp(socket, TCP_REPAIR_QUEUE, RECEIVE_QUEUE);
    it->receive_next = get_tcp(socket, TCP_QUEUE_SEQ);
    must(getsockopt(socket, IPPROTO_TCP, TCP_INFO, &it->info, &length), "TCP_INFO");
    must(poll(&urgent, 1, 0), "poll");
    it->unread = ask(socket, SIOCINQ);
    length = sizeof it->window;
    must(getsockopt(socket, IPPROTO_TCP, TCP_REPAIR_WINDOW, &it->window, &length), "window");
    get_tcp(socket, TCP_QUEUE_SEQ);  // whether it stood still
    set_tcp(socket, TCP_REPAIR_QUEUE, SEND_QUEUE);
    it->write_end = get_tcp(socket, TCP_QUEUE_SEQ);
    it->unacknowledged = ask(socket, SIOCOUTQ);
    it->mss = get_tcp(socket, TCP_MAXSEG);
    it->timestamp = get_tcp(socket, TCP_TIMESTAMP);
    set_tcp(socket, TCP_USER_TIMEOUT, WITHOUT_END);
    set_tcp(socket, TCP_REPAIR, TCP_REPAIR_OFF_NO_WP);
}

static int recreate(const struct connection *it) {
    struct tcp_repair_opt options[] = {
        {OPTION_WINDOW, it->info.tcpi_snd_wscale | it->info.tcpi_rcv_wscale << 16},
        {OPTION_SACK, 0},
        {OPTION_TIMESTAMP, 0},
        {OPTION_MSS, it->mss},
    };
    int copy = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
    must(copy, "socket");
    set_tcp(copy, TCP_REPAIR, 1);
    set(copy, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
    set(copy, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
    must(setsockopt(copy, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5), "congestion control");
    set_tcp(copy, TCP_USER_TIMEOUT, WITHOUT_END);
    set_tcp(copy, TCP_MAXSEG, it->mss < 32767 ? it->mss : 32767);
    set_tcp(copy, TCP_REPAIR_QUEUE, SEND_QUEUE);
    set_tcp(copy, TCP_QUEUE_SEQ, it->write_end - it->unacknowledged);
    set_tcp(copy, TCP_REPAIR_QUEUE, RECEIVE_QUEUE);
    set_tcp(copy, TCP_QUEUE_SEQ, it->receive_next);
    must(bind(copy, (const struct sockaddr *)&it->local, sizeof it->local), "bind");
    must(connect(copy, (const struct sockaddr *)&it->peer, sizeof it->peer), "connect");
    must(setsockopt(copy, IPPROTO_TCP, TCP_REPAIR_OPTIONS, options, sizeof options), "options");
    set_tcp(copy, TCP_TIMESTAMP, it->timestamp);
    must(setsockopt(copy, IPPROTO_TCP, TCP_REPAIR_WINDOW, &it->window, sizeof it->window), "window");
    return copy;
}

/** Its copy has received something meanwhile. */
static void conform(int socket, const struct connection *it) {
    static const char received[RECEIVED_BYTES];
    struct tcp_info info;
    socklen_t length = sizeof info;
    struct tcp_repair_window window = it->window;
    window.snd_wl1 += RECEIVED_BYTES;
    window.rcv_wup += RECEIVED_BYTES;
    set_tcp(socket, TCP_REPAIR, 1);
    set_tcp(socket, TCP_REPAIR_QUEUE, RECEIVE_QUEUE);
    must(send(socket, received, sizeof received, 0), "fill the queue");
    set_tcp(socket, TCP_TIMESTAMP, it->timestamp);
    must(setsockopt(socket, IPPROTO_TCP, TCP_REPAIR_WINDOW, &window, sizeof window), "window");
    set_tcp(socket, TCP_REPAIR, 0);
    must(getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length), "TCP_INFO");
    get_tcp(socket, TCP_QUICKACK);
    set(socket, SOL_SOCKET, SO_RCVLOWAT, 1);
}

/** As many at once as a process may have descriptors for, beside the originals. */
enum { COPIES_AT_ONCE = 5000 };

/** Nanoseconds for all of them; what is not a system call of a takeover is not counted. */
static long recreate_all(const struct connection *all, int count, int here, int holder) {
    static int copies[COPIES_AT_ONCE];
    long took = 0;
    must(setns(holder, CLONE_NEWNET), "enter the holder's namespace");
    for (int from = 0; from < count; from += COPIES_AT_ONCE) {
        int now_made = count - from < COPIES_AT_ONCE ? count - from : COPIES_AT_ONCE;
        long begin = now();
        for (int i = 0; i < now_made; i++) copies[i] = recreate(&all[from + i]);
        took += now() - begin;
        for (int i = 0; i < now_made; i++) close(copies[i]);  // in repair: silent
    }
    must(setns(here, CLONE_NEWNET), "leave the holder's namespace");
    return took;
}

static void measure(const int *sockets, int count, int here, int holder) {
    struct connection *all = calloc(count, sizeof *all);
    for (int i = 0; i < count; i++) {
        socklen_t length = sizeof all[i].local;
        must(getsockname(sockets[i], (struct sockaddr *)&all[i].local, &length), "getsockname");
        must(getpeername(sockets[i], (struct sockaddr *)&all[i].peer, &length), "getpeername");
    }
    long begin = now();
    for (int i = 0; i < count; i++) export(sockets[i], &all[i]);
    long exported = now() - begin;
    long recreated = recreate_all(all, count, here, holder);
    begin = now();
    for (int i = 0; i < count; i++) conform(sockets[i], &all[i]);
    printf("%ld %ld %ld\n", exported, recreated, now() - begin);
    free(all);
}

static int *accept_all(int port, int count) {
    struct sockaddr_in address = loopback(1, port);
    int *sockets = calloc(count, sizeof *sockets);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(listener, (struct sockaddr *)&address, sizeof address), "bind");
    must(listen(listener, 4096), "listen");
    printf("listening\n");
    for (int i = 0; i < count; i++) {
        sockets[i] = accept(listener, NULL, NULL);
        must(sockets[i], "accept");
    }
    return sockets;
}

static void connect_all(int port, int count) {
    struct sockaddr_in server = loopback(1, port);
    for (int i = 0; i < count; i++) {
        struct sockaddr_in own = loopback(256 + i / PEERS_PER_ADDRESS, 0);
        int peer = socket(AF_INET, SOCK_STREAM, 0);
        must(bind(peer, (struct sockaddr *)&own, sizeof own), "bind");
        must(connect(peer, (struct sockaddr *)&server, sizeof server), "connect");
    }
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "error: say app|peers PORT N, or floor PORT N ROUNDS HOLDER\n");
        return 2;
    }
    int port = atoi(argv[2]), count = atoi(argv[3]);
    struct rlimit most;
    must(getrlimit(RLIMIT_NOFILE, &most), "getrlimit");
    most.rlim_cur = most.rlim_max;
    setrlimit(RLIMIT_NOFILE, &most);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (strcmp(argv[1], "peers") == 0) {
        connect_all(port, count);
    } else {
        int *sockets = accept_all(port, count);
        if (strcmp(argv[1], "floor") == 0 && argc == 6) {
            int here = open("/proc/self/ns/net", O_RDONLY), holder = open(argv[5], O_RDONLY);
            must(holder, "open the holder's namespace");
            for (int round = 0; round < atoi(argv[4]); round++) {
                measure(sockets, count, here, holder);
            }
        }
        printf("ready");
        for (int i = 0; i < count; i++) printf(" %d", sockets[i]);
        printf("\n");
    }
    return getchar() == EOF ? 0 : 1;
}
