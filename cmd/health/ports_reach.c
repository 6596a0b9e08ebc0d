/* Which ports can be reached from the console. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/health/ports.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

#define AT_ONCE 200
#define PATIENCE_MS 3000

struct attempt {
	struct port *port;
	int fd;
	int64_t until;
};

static bool on_loopback(const struct listening *at)
{
	return !strncmp(at->address, "127.", 4) || !strcmp(at->address, "::1");
}

/* Begins to connect: a socket, or -1 with the answer in port->reach. */
static int begin(struct port *port)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	char service[16];
	int fd = -1;

	snprintf(service, sizeof(service), "%ld", port->at.port);
	if (getaddrinfo(port->host, service, &hints, &found))
		return -1;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) && errno != EINPROGRESS) {
		port->reach = errno == ECONNREFUSED ? REACH_CLOSED : REACH_SILENT;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static void end(struct attempt *attempt, bool answered)
{
	int trouble = 0;
	socklen_t size = sizeof(trouble);

	getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &trouble, &size);
	if (!answered)
		attempt->port->reach = REACH_SILENT;
	else if (!trouble)
		attempt->port->reach = REACH_OPEN;
	else
		attempt->port->reach = trouble == ECONNREFUSED ? REACH_CLOSED : REACH_SILENT;
	close(attempt->fd);
}

/* Waits for some of them to end; returns how many are left. */
static size_t wait_some(struct attempt *attempts, size_t count)
{
	struct pollfd polled[AT_ONCE];
	size_t left = 0;
	int64_t now;

	for (size_t i = 0; i < count; i++)
		polled[i] = (struct pollfd){attempts[i].fd, POLLOUT, 0};
	poll(polled, (nfds_t)count, 100);
	now = clock_mono_ms();
	for (size_t i = 0; i < count; i++) {
		if (polled[i].revents || now > attempts[i].until)
			end(&attempts[i], polled[i].revents != 0);
		else
			attempts[left++] = attempts[i];
	}
	return left;
}

void ports_reach(struct ports *ports)
{
	struct attempt attempts[AT_ONCE];
	size_t next = 0, count = 0;

	while (next < ports->count || count) {
		while (next < ports->count && count < AT_ONCE) {
			struct port *port = &ports->at[next++];
			struct attempt attempt = {port, -1, clock_mono_ms() + PATIENCE_MS};

			if (strcmp(port->at.protocol, "tcp") != 0 || !strcmp(port->state, "gone") ||
			    on_loopback(&port->at))
				continue;
			attempt.fd = begin(port);
			if (attempt.fd >= 0)
				attempts[count++] = attempt;
		}
		if (count)
			count = wait_some(attempts, count);
	}
}
