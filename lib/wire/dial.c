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

/* RFC 8305, section 8: Connection Attempt Delay. */
#define ATTEMPT_DELAY_MS 250

/* Addresses in the race at once; a name with more than this many silent ones is past help. */
#define ATTEMPTS 8

struct attempt {
	uv_poll_t poll;
	struct dial *dial;
	int fd;	   /* -1: not in use */
	bool open; /* the handle is */
};

struct dial {
	uv_loop_t *loop;
	uv_getaddrinfo_t resolving;
	uv_idle_t
	    starter; /* an address needs no resolver, but fn is never called from dial_start */
	uv_timer_t delay;
	struct attempt attempts[ATTEMPTS];
	size_t connecting;
	int open_handles;
	bool over; /* fn was called, or never will be */
	struct addrinfo *addresses;
	const struct addrinfo **order; /* as they are tried */
	size_t count, next;
	bool own_addresses; /* from getaddrinfo(3) itself rather than libuv's */
	int problem;	    /* the errno that tells most of why no address worked */
	char *host;
	char port[12];
	dial_fn *fn;
	void *ctx;
};

static void dial_more(struct dial *dial);

static void dial_release(struct dial *dial)
{
	if (--dial->open_handles > 0)
		return;
	if (dial->own_addresses)
		freeaddrinfo(dial->addresses);
	else
		uv_freeaddrinfo(dial->addresses);
	free(dial->order);
	free(dial->host);
	free(dial);
}

static void handle_closed(uv_handle_t *handle)
{
	dial_release(handle->data);
}

static void attempt_closed(uv_handle_t *handle)
{
	struct attempt *attempt = handle->data;
	struct dial *dial = attempt->dial;

	attempt->open = false;
	if (!dial->over)
		dial_more(dial);
	dial_release(dial);
}

/* Takes an attempt out of the race; its socket is the caller's. */
static int attempt_end(struct attempt *attempt)
{
	int fd = attempt->fd;

	attempt->fd = -1;
	attempt->dial->connecting--;
	uv_poll_stop(&attempt->poll);
	uv_close((uv_handle_t *)&attempt->poll, attempt_closed);
	return fd;
}

/* Lets go of everything; memory goes when libuv has given the handles back. */
static void dial_stop(struct dial *dial)
{
	dial->over = true;
	for (size_t i = 0; i < ATTEMPTS; i++)
		if (dial->attempts[i].fd >= 0)
			close(attempt_end(&dial->attempts[i]));
	uv_close((uv_handle_t *)&dial->starter, handle_closed);
	uv_close((uv_handle_t *)&dial->delay, handle_closed);
}

static void dial_finish(struct dial *dial, int fd, const char *reason, const char *message)
{
	dial_fn *fn = dial->fn;
	void *ctx = dial->ctx;

	dial_stop(dial);
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
	    {EMFILE, "console",
	     "too many open files on the console (try: ulimit -n, or a smaller -f)"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].number == dial->problem) {
			dial_finish(dial, -1, known[i].reason, known[i].text);
			return;
		}
	}
	dial_finish(dial, -1, "network", strerror(dial->problem));
}

/* Of several addresses that failed, one that refused tells more than one without a route. */
static void dial_note(struct dial *dial, int problem)
{
	if (dial->problem == 0 || problem == ECONNREFUSED || problem == EMFILE)
		dial->problem = problem;
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

static void attempt_writable(uv_poll_t *poll, int status, int events)
{
	struct attempt *attempt = poll->data;
	struct dial *dial = attempt->dial;
	int problem = 0, fd;
	socklen_t size = sizeof(problem);

	(void)events;
	(void)status; /* libuv says EBADF for every kind of trouble; the socket knows better */
	if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &problem, &size))
		problem = errno;
	fd = attempt_end(attempt);
	if (problem == 0) {
		dial_finish(dial, fd, NULL, NULL);
		return;
	}
	dial_note(dial, problem);
	close(fd); /* the next address starts once the handle is closed */
}

static struct attempt *attempt_free(struct dial *dial)
{
	for (size_t i = 0; i < ATTEMPTS; i++)
		if (!dial->attempts[i].open)
			return &dial->attempts[i];
	return NULL;
}

/* Begins to connect to one address; false when it failed at once. */
static bool attempt_begin(struct dial *dial, struct attempt *attempt,
			  const struct addrinfo *address)
{
	int fd = socket_open(address);

	if (fd < 0 ||
	    (connect(fd, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS) ||
	    uv_poll_init(dial->loop, &attempt->poll, fd)) {
		dial_note(dial, errno);
		if (fd >= 0)
			close(fd);
		return false;
	}
	attempt->dial = dial;
	attempt->fd = fd;
	attempt->open = true;
	attempt->poll.data = attempt;
	dial->open_handles++;
	dial->connecting++;
	uv_poll_start(&attempt->poll, UV_WRITABLE, attempt_writable);
	return true;
}

static void dial_delayed(uv_timer_t *timer)
{
	dial_more(timer->data);
}

/* Starts the next address; reports when there is none and nothing is left in the race. */
static void dial_more(struct dial *dial)
{
	struct attempt *attempt = attempt_free(dial);

	while (attempt && dial->next < dial->count) {
		if (!attempt_begin(dial, attempt, dial->order[dial->next++]))
			continue;
		if (dial->next < dial->count)
			uv_timer_start(&dial->delay, dial_delayed, ATTEMPT_DELAY_MS, 0);
		return;
	}
	if (dial->connecting == 0 && dial->next == dial->count)
		dial_failed(dial);
}

/* RFC 8305, section 4: the resolver's order, but families take turns. */
static void dial_arrange(struct dial *dial)
{
	size_t count = 0, at = 0;
	const struct addrinfo *turn[2] = {dial->addresses, dial->addresses};
	int first = dial->addresses->ai_family;

	for (const struct addrinfo *a = dial->addresses; a; a = a->ai_next)
		count++;
	dial->order = mem_zero(count, sizeof(const struct addrinfo *));
	for (size_t other = 0; at < count; other ^= 1) {
		const struct addrinfo **next = &turn[other];

		while (*next && ((*next)->ai_family == first) == (other == 1))
			*next = (*next)->ai_next;
		if (*next) {
			dial->order[at++] = *next;
			*next = (*next)->ai_next;
		}
	}
	dial->count = count;
	dial_more(dial);
}

static void dial_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
	struct dial *dial = request->data;

	request->data = NULL;
	dial->addresses = addresses;
	if (dial->over)
		;
	else if (status == UV_EAI_AGAIN)
		dial_finish(dial, -1, "resolve",
			    "the name cannot be looked up now (DNS does not answer)");
	else if (status || !addresses)
		dial_finish(dial, -1, "resolve", "no such host name");
	else
		dial_arrange(dial);
	dial_release(dial);
}

static const struct addrinfo hints_numeric = {.ai_socktype = SOCK_STREAM,
					      .ai_flags = AI_NUMERICHOST};
static const struct addrinfo hints_name = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};

static void dial_begin(uv_idle_t *starter)
{
	struct dial *dial = starter->data;
	int rc;

	uv_idle_stop(starter);
	if (getaddrinfo(dial->host, dial->port, &hints_numeric, &dial->addresses) == 0) {
		dial->own_addresses = true;
		dial_arrange(dial);
		return;
	}
	dial->addresses = NULL;
	dial->resolving.data = dial;
	rc = uv_getaddrinfo(dial->loop, &dial->resolving, dial_resolved, dial->host, dial->port,
			    &hints_name);
	if (rc) {
		dial->resolving.data = NULL;
		dial_finish(dial, -1, "resolve", uv_strerror(rc));
	} else {
		dial->open_handles++;
	}
}

struct dial *dial_start(uv_loop_t *loop, const char *host, long port, dial_fn *fn, void *ctx)
{
	struct dial *dial = mem_zero(1, sizeof(*dial));

	dial->loop = loop;
	dial->fn = fn;
	dial->ctx = ctx;
	dial->host = mem_text(host);
	snprintf(dial->port, sizeof(dial->port), "%ld", port);
	for (size_t i = 0; i < ATTEMPTS; i++)
		dial->attempts[i].fd = -1;
	uv_idle_init(loop, &dial->starter);
	uv_timer_init(loop, &dial->delay);
	dial->starter.data = dial->delay.data = dial;
	dial->open_handles = 2;
	uv_idle_start(&dial->starter, dial_begin);
	return dial;
}

void dial_cancel(struct dial *dial)
{
	if (dial->resolving.data)
		uv_cancel((uv_req_t *)&dial->resolving);
	dial_stop(dial);
}
