#include "lib/wire/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"

struct dial {
	uv_loop_t *loop;
	uv_getaddrinfo_t resolving;
	uv_poll_t poll;
	uv_idle_t starter; /* an address needs no resolver, but fn is never called from dial_start */
	bool poll_open;
	bool cancelled;
	int open_handles;
	int fd;
	struct addrinfo *addresses, *next;
	bool own_addresses; /* from getaddrinfo(3) itself rather than libuv's */
	int last_errno;
	char *host;
	char port[12];
	dial_fn *fn;
	void *ctx;
};

static void dial_try_next(struct dial *dial);

static void dial_free(struct dial *dial)
{
	if (dial->own_addresses)
		freeaddrinfo(dial->addresses);
	else
		uv_freeaddrinfo(dial->addresses);
	free(dial->host);
	free(dial);
}

static void handle_closed(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	if (--dial->open_handles == 0 && dial->cancelled)
		dial_free(dial);
}

/* Ends the dial: tells the caller, then lets libuv give the handles back before memory goes. */
static void dial_finish(struct dial *dial, int fd, const char *reason, const char *message)
{
	dial_fn *fn = dial->fn;
	void *ctx = dial->ctx;

	dial->cancelled = true;
	if (dial->poll_open)
		uv_close((uv_handle_t *)&dial->poll, handle_closed);
	uv_close((uv_handle_t *)&dial->starter, handle_closed);
	fn(ctx, fd, reason, message);
}

static void dial_failed(struct dial *dial)
{
	static const struct {
		int number;
		const char *reason, *text;
	} known[] = {
		{ECONNREFUSED, "refused", "connection refused (is sshd running, is the port right?)"},
		{EHOSTUNREACH, "network", "no route to host"},
		{ENETUNREACH, "network", "network is unreachable"},
		{ETIMEDOUT, "network", "connection timed out"},
		{EMFILE, "console", "too many open files on the console (try: ulimit -n, or a smaller -f)"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].number == dial->last_errno) {
			dial_finish(dial, -1, known[i].reason, known[i].text);
			return;
		}
	}
	dial_finish(dial, -1, "network", strerror(dial->last_errno));
}

static int socket_open(const struct addrinfo *address)
{
	int one = 1;
	int fd = socket(address->ai_family, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, O_NONBLOCK)) {
		close(fd);
		return -1;
	}
	/* An SSH handshake is small packets back and forth: Nagle would add a delay to each. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void poll_closed_retry(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	dial->open_handles--;
	if (!dial->cancelled)
		dial_try_next(dial);
	else if (dial->open_handles == 0)
		dial_free(dial);
}

static void dial_writable(uv_poll_t *poll, int status, int events)
{
	struct dial *dial = poll->data;
	int problem = 0;
	socklen_t size = sizeof(problem);
	int fd = dial->fd;

	(void)events;
	(void)status; /* libuv says EBADF for every kind of trouble; the socket knows better */
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size))
		problem = errno;
	uv_poll_stop(poll);
	if (problem == 0) {
		dial->fd = -1;
		dial_finish(dial, fd, NULL, NULL);
		return;
	}
	dial->last_errno = problem;
	close(fd);
	dial->fd = -1;
	dial->poll_open = false;
	uv_close((uv_handle_t *)poll, poll_closed_retry);
}

static void dial_try_next(struct dial *dial)
{
	const struct addrinfo *address = dial->next;

	if (!address) {
		dial_failed(dial);
		return;
	}
	dial->next = address->ai_next;
	dial->fd = socket_open(address);
	if (dial->fd < 0 || (connect(dial->fd, address->ai_addr, address->ai_addrlen) &&
			     errno != EINPROGRESS)) {
		dial->last_errno = errno;
		if (dial->fd >= 0)
			close(dial->fd);
		dial->fd = -1;
		dial_try_next(dial);
		return;
	}
	uv_poll_init(dial->loop, &dial->poll, dial->fd);
	dial->poll.data = dial;
	dial->poll_open = true;
	dial->open_handles++;
	uv_poll_start(&dial->poll, UV_WRITABLE, dial_writable);
}

static void dial_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
	struct dial *dial = request->data;

	request->data = NULL;
	dial->addresses = addresses;
	dial->open_handles--;
	if (dial->cancelled) {
		if (dial->open_handles == 0)
			dial_free(dial);
		return;
	}
	dial->next = addresses;
	if (status == UV_EAI_AGAIN)
		dial_finish(dial, -1, "resolve", "the name cannot be looked up now (DNS does not answer)");
	else if (status < 0)
		dial_finish(dial, -1, "resolve", "no such host name");
	else
		dial_try_next(dial);
}

static const struct addrinfo hints_numeric = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
static const struct addrinfo hints_name = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};

static void dial_begin(uv_idle_t *starter)
{
	struct dial *dial = starter->data;
	int rc;

	uv_idle_stop(starter);
	if (getaddrinfo(dial->host, dial->port, &hints_numeric, &dial->addresses) == 0) {
		dial->own_addresses = true;
		dial->next = dial->addresses;
		dial_try_next(dial);
		return;
	}
	dial->addresses = NULL;
	dial->resolving.data = dial;
	rc = uv_getaddrinfo(dial->loop, &dial->resolving, dial_resolved, dial->host, dial->port,
			    &hints_name);
	if (rc)
		dial_finish(dial, -1, "resolve", uv_strerror(rc));
	else
		dial->open_handles++;
}

struct dial *dial_start(uv_loop_t *loop, const char *host, long port, dial_fn *fn, void *ctx)
{
	struct dial *dial = mem_zero(1, sizeof(*dial));

	dial->loop = loop;
	dial->fd = -1;
	dial->fn = fn;
	dial->ctx = ctx;
	dial->host = mem_text(host);
	snprintf(dial->port, sizeof(dial->port), "%ld", port);
	uv_idle_init(loop, &dial->starter);
	dial->starter.data = dial;
	dial->open_handles = 1;
	uv_idle_start(&dial->starter, dial_begin);
	return dial;
}

void dial_cancel(struct dial *dial)
{
	dial->cancelled = true;
	if (dial->resolving.data)
		uv_cancel((uv_req_t *)&dial->resolving);
	if (dial->fd >= 0) {
		uv_poll_stop(&dial->poll);
		close(dial->fd);
		dial->fd = -1;
	}
	if (dial->poll_open)
		uv_close((uv_handle_t *)&dial->poll, handle_closed);
	uv_close((uv_handle_t *)&dial->starter, handle_closed);
}
