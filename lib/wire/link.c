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

static void link_ready(uv_poll_t *poll, int status, int events)
{
	struct link *link = poll->data;

	if (status < 0) /* libuv stopped watching; what is wrong shows when the socket is used */
		link->interest = 0;
	if (events & UV_WRITABLE)
		link_flush(link);
	link_turn(link);
	link->event(link->ctx);
}

int link_open(struct link *link, uv_loop_t *loop, int fd, void (*event)(void *ctx), void *ctx)
{
	memset(link, 0, sizeof(*link)); /* it may have carried an earlier connection */
	link->fd = fd;
	link->event = event;
	link->ctx = ctx;
	link->quick_ack = true;
	link->last_rx = (int64_t)uv_now(loop);
	buf_init(&link->out);
	link_turn(link);
	link->poll.data = link;
	return uv_poll_init(loop, &link->poll, fd) ? -1 : 0;
}

void link_turn(struct link *link)
{
	link->budget = LINK_BUDGET;
	link->drained = false;
}

void link_wait(struct link *link, bool want_input)
{
	int interest = (want_input ? UV_READABLE : 0) | (link_queued(link) > 0 ? UV_WRITABLE : 0);

	if (interest == link->interest)
		return;
	link->interest = interest;
	if (interest)
		uv_poll_start(&link->poll, interest, link_ready);
	else
		uv_poll_stop(&link->poll);
}

ssize_t link_receive(struct link *link, void *into, size_t room)
{
	ssize_t got;

	if (link->broken)
		return -EPIPE;
	if (link->ended)
		return link->end_told ? 0 : -EAGAIN;
	if (link->drained || link->budget == 0)
		return -EAGAIN;
	do {
		got = recv(link->fd, into, room, 0);
	} while (got < 0 && errno == EINTR);
	if (got <= 0) {
		link->drained = true;
		link->ended = got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
		return -EAGAIN;
	}
	/* A short read emptied the socket: the next one would only say so. */
	link->drained = (size_t)got < room;
	link->received += (uint64_t)got;
	link->budget -= (size_t)got < link->budget ? (size_t)got : link->budget;
	link->last_rx = (int64_t)uv_now(link->poll.loop);
#ifdef TCP_QUICKACK
	if (link->quick_ack) {
		int one = 1;

		setsockopt(link->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	}
#endif
	return got;
}

size_t link_queued(const struct link *link)
{
	return link->out.len - link->out_at;
}

/* Bytes the kernel took, 0 when it is full, -errno when the socket is dead. */
static ssize_t link_offer(struct link *link, const char *bytes, size_t count)
{
	ssize_t sent;

	do {
		sent = send(link->fd, bytes, count, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
}

void link_flush(struct link *link)
{
	while (link_queued(link) > 0) {
		ssize_t sent = link_offer(link, link->out.at + link->out_at, link_queued(link));

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
		sent = link_offer(link, bytes, count);
		if (sent < 0)
			return sent;
	}
	buf_add(&link->out, (const char *)bytes + sent, count - (size_t)sent);
	return (ssize_t)count;
}

static void link_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;
	void (*closed)(void *ctx) = link->event;

	close(link->fd);
	buf_finish(&link->out);
	closed(link->ctx);
}

void link_close(struct link *link, void (*closed)(void *ctx))
{
	link->broken = true;
	link->event = closed;
	uv_close((uv_handle_t *)&link->poll, link_closed);
}
