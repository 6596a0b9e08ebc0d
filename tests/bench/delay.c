/*
 * A delay line between two network namespaces: a TUN interface in each, and every packet of one comes out of the
 * other after the time given. Nothing is lost or reordered.
 *
 * usage: delay MILLISECONDS /proc/PID1/ns/net /proc/PID2/ns/net    the interfaces are called "line"
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 32768, PACKET = 2048 };

struct packet {
	long long due; /* ns */
	size_t size;
	char bytes[PACKET];
};

/* One direction: packets wait in the order they came. */
struct lane {
	int from, to;
	unsigned head, tail;
	struct packet *slots;
};

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int open_tun(const char *space)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int ns = open(space, O_RDONLY), tun;

	if (ns < 0 || setns(ns, CLONE_NEWNET))
		return -1;
	close(ns);
	tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	strncpy(request.ifr_name, "line", IFNAMSIZ - 1);
	return tun >= 0 && ioctl(tun, TUNSETIFF, &request) == 0 ? tun : -1;
}

static void take(struct lane *lane, long long delay)
{
	while (lane->head - lane->tail < SLOTS) {
		struct packet *packet = &lane->slots[lane->head % SLOTS];
		ssize_t got = read(lane->from, packet->bytes, PACKET);

		if (got <= 0)
			return;
		packet->size = (size_t)got;
		packet->due = now() + delay;
		lane->head++;
	}
}

/* Passes on what is due; the time until the next is, or -1. */
static long long pass(struct lane *lane)
{
	while (lane->tail != lane->head) {
		struct packet *packet = &lane->slots[lane->tail % SLOTS];
		long long left = packet->due - now();

		if (left > 0)
			return left;
		/* An interface that is not up yet takes nothing, as a line that is not plugged in. */
		if (write(lane->to, packet->bytes, packet->size) < 0 && errno != EIO)
			perror("delay: write");
		lane->tail++;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct lane lanes[2] = {{0}};
	struct pollfd polls[2];
	long long delay, a, b, wait;

	if (argc != 4)
		return 2;
	delay = atoll(argv[1]) * 1000000LL;
	lanes[0].from = lanes[1].to = open_tun(argv[2]);
	lanes[1].from = lanes[0].to = open_tun(argv[3]);
	if (lanes[0].from < 0 || lanes[1].from < 0) {
		perror("delay");
		return 1;
	}
	for (int i = 0; i < 2; i++) {
		lanes[i].slots = malloc(SLOTS * sizeof(struct packet));
		polls[i] = (struct pollfd){.fd = lanes[i].from, .events = POLLIN};
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct timespec t;

		a = pass(&lanes[0]);
		b = pass(&lanes[1]);
		wait = a < 0 ? b : b < 0 || a < b ? a : b;
		t = (struct timespec){wait / 1000000000, wait % 1000000000};
		ppoll(polls, 2, wait < 0 ? NULL : &t, NULL);
		take(&lanes[0], delay);
		take(&lanes[1], delay);
	}
}
