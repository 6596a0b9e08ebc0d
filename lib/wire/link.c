#include "lib/wire/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing, SIGPIPE is ignored by the process */
#endif

void link_ready(struct link *link)
{
	link_flush(link);
	link_turn(link);
	link->event(link->ctx);
}

/* --- a socket below --- */

static void socket_ready(uv_poll_t *poll, int status, int events)
{
	struct link *link = poll->data;

	(void)events;
	if (status < 0) /* libuv stopped watching; what is wrong shows when the socket is used */
		link->interest = 0;
	link_ready(link);
}

static ssize_t socket_receive(struct link *link, void *into, size_t room)
{
	ssize_t got;

	do {
		got = recv(link->fd, into, room, 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	/* A short read emptied the socket: the next one would only say so. */
	link->drained = (size_t)got < room;
#ifdef TCP_QUICKACK
	if (got > 0 && link->quick_ack) {
		int one = 1;

		setsockopt(link->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	}
#endif
	return got;
}

static ssize_t socket_offer(struct link *link, const char *bytes, size_t count)
{
	ssize_t sent;

	do {
		sent = send(link->fd, bytes, count, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
}

static void socket_wait(struct link *link, bool want_input, bool want_room)
{
	int interest = (want_input ? UV_READABLE : 0) | (want_room ? UV_WRITABLE : 0);

	if (interest == link->interest)
		return;
	link->interest = interest;
	if (interest)
		uv_poll_start(&link->poll, interest, socket_ready);
	else
		uv_poll_stop(&link->poll);
}

static void socket_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	close(link->fd);
	link_closed(link);
}

static void socket_close(struct link *link)
{
	uv_close((uv_handle_t *)&link->poll, socket_closed);
}

static const struct link_ops socket_ops = {socket_receive, socket_offer, socket_wait, socket_close};

/* --- */

void link_open_on(struct link *link, uv_loop_t *loop, const struct link_ops *ops, void *below,
		  void (*event)(void *ctx), void *ctx)
{
	memset(link, 0, sizeof(*link)); /* it may have carried an earlier connection */
	link->ops = ops;
	link->loop = loop;
	link->below = below;
	link->fd = -1;
	link->event = event;
	link->ctx = ctx;
	link->last_rx = (int64_t)uv_now(loop);
	buf_init(&link->ahead);
	buf_init(&link->out);
	link_turn(link);
}

int link_open(struct link *link, uv_loop_t *loop, int fd, void (*event)(void *ctx), void *ctx)
{
	link_open_on(link, loop, &socket_ops, NULL, event, ctx);
	if (uv_poll_init(loop, &link->poll, fd)) {
		link->ops = NULL;
		return -1;
	}
	link->fd = fd;
	link->quick_ack = true;
	link->poll.data = link;
	return 0;
}

void link_turn(struct link *link)
{
	link->budget = LINK_BUDGET;
	link->drained = false;
}

void link_wait(struct link *link, bool want_input)
{
	link->ops->wait(link, want_input, link_queued(link) > 0);
}

static ssize_t take(struct link *link, void *into, size_t room)
{
	ssize_t got;

	if (link->ended)
		return link->end_told ? 0 : -EAGAIN;
	if (link->drained || link->budget == 0)
		return -EAGAIN;
	got = link->ops->receive(link, into, room);
	if (got <= 0) {
		link->drained = true;
		link->ended = got != -EAGAIN;
		return -EAGAIN;
	}
	link->received += (uint64_t)got;
	link->budget -= (size_t)got < link->budget ? (size_t)got : link->budget;
	link->last_rx = (int64_t)uv_now(link->loop);
	return got;
}

ssize_t link_receive(struct link *link, void *into, size_t room)
{
	size_t count = link->ahead.len < room ? link->ahead.len : room;

	if (link->broken)
		return -EPIPE;
	if (count == 0)
		return take(link, into, room);
	memcpy(into, link->ahead.at, count);
	buf_drop(&link->ahead, count);
	if (link->ahead.len == 0)
		buf_finish(&link->ahead);
	return (ssize_t)count;
}

void link_look_ahead(struct link *link)
{
	char bytes[4096];
	ssize_t got = 1;

	while (got > 0 && !link->broken && link->ahead.len < LINK_AHEAD_MAX) {
		got = take(link, bytes, sizeof(bytes));
		if (got > 0)
			buf_add(&link->ahead, bytes, (size_t)got);
	}
}

#define LINK_GONE_MAX ((size_t)256 * 1024)

size_t link_queued(const struct link *link)
{
	return link->out.len - link->out_at;
}

void link_flush(struct link *link)
{
	while (link_queued(link) > 0) {
		ssize_t sent =
		    link->ops->offer(link, link->out.at + link->out_at, link_queued(link));

		if (sent < 0) {
			link->broken = true;
			return;
		}
		if (sent == 0)
			return;
		link->out_at += (size_t)sent;
	}
	buf_clear(&link->out);
	link->out_at = 0;
}

ssize_t link_send(struct link *link, const void *bytes, size_t count)
{
	ssize_t sent = 0;

	if (link->broken)
		return -EPIPE;
	if (link_queued(link) == 0) {
		sent = link->ops->offer(link, bytes, count);
		if (sent < 0)
			return sent;
	}
	/* What is gone makes room: a slow peer may never take all that is queued at once. */
	if (link->out_at >= LINK_GONE_MAX) {
		buf_drop(&link->out, link->out_at);
		link->out_at = 0;
	}
	buf_add(&link->out, (const char *)bytes + sent, count - (size_t)sent);
	return (ssize_t)count;
}

void link_closed(struct link *link)
{
	void (*closed)(void *ctx) = link->event;

	link->ops = NULL;
	buf_finish(&link->ahead);
	buf_finish(&link->out);
	closed(link->ctx);
}

void link_close(struct link *link, void (*closed)(void *ctx))
{
	link->broken = true;
	link->closing = true;
	link->event = closed;
	link->ops->close(link);
}
