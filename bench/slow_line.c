/* A line with a round trip and a window, on loopback: forwards TCP connections, late.

     slow_line LISTEN_PORT TARGET_PORT ROUND_TRIP_MS WINDOW_BYTES COUNTER_FILE

   Each direction takes half of a round trip, and opening a connection a whole one. What is on its way to the client,
   not yet acknowledged, is at most WINDOW_BYTES; it begins with ten segments and grows by what is acknowledged, as
   TCP's slow start does. A connection brings WINDOW_BYTES per round trip at best.

   COUNTER_FILE, 8 bytes, holds how many bytes clients have taken so far: those of connections that are closed without
   what was still in our buffers. Ends with its parent. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PIECE 65536
#define FIRST_WINDOW 14600
#define MOST 1024

struct piece { struct piece *next; double due; int length, at; char data[]; };
struct ack { struct ack *next; double due; int length; };

struct way {                        /* one direction */
    int from, to, readable, writable, ended, shut;
    long under_way, acked, window;
    struct piece *first, *last;
    struct ack *first_ack, *last_ack;
};

struct pair { int used; double open_at; struct way up, down; };

static struct pair pairs[MOST];
static double half;
static long most;
static volatile uint64_t *taken;
static int waker;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void watch(int fd, int index, int client) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u32 = index * 2 + client};
    epoll_ctl(waker, EPOLL_CTL_ADD, fd, &event);
}

static void drop(struct pair *pair) {
    int unsent = 0;
    ioctl(pair->up.from, SIOCOUTQ, &unsent);
    *taken -= unsent;
    struct way *ways[2] = {&pair->up, &pair->down};
    for (int i = 0; i < 2; i++) {
        for (struct piece *p = ways[i]->first, *next; p; p = next) { next = p->next; free(p); }
        for (struct ack *a = ways[i]->first_ack, *next; a; a = next) { next = a->next; free(a); }
    }
    close(pair->up.from);
    close(pair->up.to);
    memset(pair, 0, sizeof *pair);
}

static void begin(int client, int port) {
    int server = socket(AF_INET, SOCK_STREAM, 0), one = 1, index = 0, small = 1 << 18;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    while (index < MOST && pairs[index].used) index++;
    if (index == MOST || connect(server, (void *)&to, sizeof to)) { close(client); close(server); return; }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(client, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    fcntl(client, F_SETFL, O_NONBLOCK);
    fcntl(server, F_SETFL, O_NONBLOCK);
    struct pair *pair = &pairs[index];
    pair->used = 1;
    pair->open_at = now() + 2 * half;
    pair->up = (struct way){.from = client, .to = server, .readable = 1, .writable = 1, .window = most};
    pair->down = (struct way){.from = server, .to = client, .readable = 1, .writable = 1, .window = FIRST_WINDOW};
    watch(client, index, 1);
    watch(server, index, 0);
}

/* Move what can be moved. Returns -1 when the connection is over, else whether something waits for its time. */
static int move(struct pair *pair, struct way *way, int counted) {
    double t = now();
    while (way->first_ack && way->first_ack->due <= t) {
        struct ack *ack = way->first_ack;
        way->first_ack = ack->next;
        way->under_way -= ack->length;
        way->acked += ack->length;
        way->window = FIRST_WINDOW + way->acked < most ? FIRST_WINDOW + way->acked : most;
        free(ack);
    }
    while (way->readable && !way->ended && way->under_way < way->window) {
        long room = way->window - way->under_way;
        int wanted = room < PIECE ? (int)room : PIECE;
        struct piece *piece = malloc(sizeof *piece + wanted);
        int length = read(way->from, piece->data, wanted);
        if (length <= 0) {
            int again = length < 0 && errno == EAGAIN;
            free(piece);
            if (again) { way->readable = 0; break; }
            if (length < 0) return -1;
            way->ended = 1;
            break;
        }
        *piece = (struct piece){.due = (t > pair->open_at ? t : pair->open_at) + half, .length = length};
        if (way->first) way->last->next = piece; else way->first = piece;
        way->last = piece;
        way->under_way += length;
    }
    while (way->first && way->first->due <= t && way->writable) {
        struct piece *piece = way->first;
        int length = send(way->to, piece->data + piece->at, piece->length - piece->at, MSG_NOSIGNAL);
        if (length < 0) {
            if (errno != EAGAIN) return -1;
            way->writable = 0;
            break;
        }
        piece->at += length;
        if (counted) *taken += length;
        if (piece->at < piece->length) continue;
        struct ack *ack = malloc(sizeof *ack);
        *ack = (struct ack){.due = t + half, .length = piece->length};
        if (way->first_ack) way->last_ack->next = ack; else way->first_ack = ack;
        way->last_ack = ack;
        way->first = piece->next;
        free(piece);
    }
    if (way->ended && !way->first && !way->shut) {
        shutdown(way->to, SHUT_WR);
        way->shut = 1;
    }
    return way->first || way->first_ack;
}

int main(int count, char **words) {
    if (count != 6) return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int door = socket(AF_INET, SOCK_STREAM, 0), one = 1, port = atoi(words[2]);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    half = atof(words[3]) / 2000;
    most = atol(words[4]);
    int file = open(words[5], O_RDWR | O_CREAT, 0644);
    if (file < 0 || ftruncate(file, 8)) return 3;
    taken = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(door, (void *)&at, sizeof at) || listen(door, 512)) return 4;
    fcntl(door, F_SETFL, O_NONBLOCK);
    waker = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX}, events[256];
    epoll_ctl(waker, EPOLL_CTL_ADD, door, &event);
    puts("ready");
    fflush(stdout);
    for (int waits = 0;;) {
        int found = epoll_wait(waker, events, 256, waits ? 1 : 1000);
        for (int i = 0; i < found; i++) {
            uint32_t which = events[i].data.u32;
            if (which == UINT32_MAX) {
                for (int client; (client = accept(door, NULL, NULL)) >= 0;) begin(client, port);
                continue;
            }
            struct pair *pair = &pairs[which / 2];
            struct way *in = which % 2 ? &pair->up : &pair->down, *out = which % 2 ? &pair->down : &pair->up;
            if (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) in->readable = 1;
            if (events[i].events & (EPOLLOUT | EPOLLERR)) out->writable = 1;
        }
        waits = 0;
        for (int i = 0; i < MOST; i++) {
            if (!pairs[i].used) continue;
            int up = move(&pairs[i], &pairs[i].up, 0), down = up < 0 ? -1 : move(&pairs[i], &pairs[i].down, 1);
            if (up < 0 || down < 0 || (pairs[i].up.shut && pairs[i].down.shut)) drop(&pairs[i]);
            else waits |= up | down;
        }
    }
}
