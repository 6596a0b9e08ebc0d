#include "lib/wire/feeder.h"

#include <errno.h>
#include <unistd.h>

static void feeder_read(struct feeder *feeder)
{
	char bytes[16384];
	ssize_t got = read(feeder->fd, bytes, sizeof(bytes));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got < 0)
		got = -errno;
	if (got <= 0)
		feeder_stop(feeder);
	feeder->fn(feeder->ctx, bytes, (long)got);
}

static void feeder_polled(uv_poll_t *poll, int status, int events)
{
	(void)status; /* read() says what is wrong */
	(void)events;
	feeder_read(poll->data);
}

static void feeder_idled(uv_idle_t *idle)
{
	feeder_read(idle->data);
}

void feeder_hold(struct feeder *feeder, bool hold)
{
	if (!feeder->open)
		return;
	if (feeder->polled && hold)
		uv_poll_stop(&feeder->poll);
	else if (feeder->polled)
		uv_poll_start(&feeder->poll, UV_READABLE, feeder_polled);
	else if (hold)
		uv_idle_stop(&feeder->idle);
	else
		uv_idle_start(&feeder->idle, feeder_idled);
}

void feeder_start(struct feeder *feeder, uv_loop_t *loop, int fd,
		  void (*fn)(void *ctx, const char *bytes, long count), void *ctx)
{
	feeder->fd = fd;
	feeder->fn = fn;
	feeder->ctx = ctx;
	feeder->open = true;
	/* Regular files cannot be polled for; they never block for long either. */
	feeder->polled = uv_poll_init(loop, &feeder->poll, fd) == 0;
	feeder->poll.data = feeder->idle.data = feeder;
	if (!feeder->polled)
		uv_idle_init(loop, &feeder->idle);
	feeder->idle.data = feeder;
	feeder_hold(feeder, false);
}

void feeder_stop(struct feeder *feeder)
{
	if (!feeder->open)
		return;
	feeder->open = false;
	uv_close(feeder->polled ? (uv_handle_t *)&feeder->poll : (uv_handle_t *)&feeder->idle, NULL);
}
