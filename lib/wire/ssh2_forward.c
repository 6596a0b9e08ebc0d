/*
 * Streams through a jump host's session. Bytes from the network are let in by the session's own
 * turn alone (link.budget), and each turn ends with a look at every stream: whoever has bytes
 * waiting is told.
 */
#include <errno.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/forward.h"
#include "lib/wire/ssh2.h"

enum forward_state {
	FORWARD_WAITING,
	FORWARD_OPENING,
	FORWARD_OPEN,
	FORWARD_CLOSING,
	FORWARD_GONE
};

struct forward {
	struct forward *next;
	struct ssh2 *ssh2; /* NULL: the session is gone, the link is yet to be closed */
	enum forward_state state;
	LIBSSH2_CHANNEL *channel;
	char *host;
	int port;
	forward_fn *fn; /* until it was called */
	void *ctx;
	struct link *link;
	bool want_input, want_room;
	bool ending; /* in the list of those that ssh2_forwards_end has yet to tell */
};

static void forward_free(struct forward *forward)
{
	free(forward->host);
	free(forward);
}

void ssh2_forward(struct transport *transport, const char *host, long port, forward_fn *fn,
		  void *ctx)
{
	struct ssh2 *ssh2 = (struct ssh2 *)transport;
	struct forward *forward = mem_zero(1, sizeof(*forward)), **last = &ssh2->forwards;

	forward->ssh2 = ssh2;
	forward->host = mem_text(host);
	forward->port = (int)port;
	forward->fn = fn;
	forward->ctx = ctx;
	while (*last)
		last = &(*last)->next;
	*last = forward;
	ssh2_pump(ssh2);
}

/* --- the link's side --- */

/* What the stream made the session send must go out, when this is not its own turn. */
static void forward_touched(struct forward *forward)
{
	if (!forward->ssh2->pumping)
		ssh2_wait(forward->ssh2);
}

static ssize_t forward_receive(struct link *link, void *into, size_t room)
{
	struct forward *forward = link->below;
	ssize_t got;

	if (!forward->ssh2)
		return -EPIPE;
	got = libssh2_channel_read_ex(forward->channel, 0, into, room);
	forward_touched(forward);
	if (got > 0)
		return got;
	if (got == LIBSSH2_ERROR_EAGAIN)
		return -EAGAIN;
	if (got == 0)
		return libssh2_channel_eof(forward->channel) ? 0 : -EAGAIN;
	return -EPIPE;
}

/* libssh2 takes one packet's worth at a time. What is left here waits for the other side to widen
 * its window, and nothing else: rest that could have gone would wait for an event that never comes. */
static ssize_t forward_offer(struct link *link, const char *bytes, size_t count)
{
	struct forward *forward = link->below;
	ssize_t sent = 1;
	size_t all = 0;

	if (!forward->ssh2)
		return -EPIPE;
	while (all < count && sent > 0) {
		sent = libssh2_channel_write_ex(forward->channel, 0, bytes + all, count - all);
		if (sent > 0)
			all += (size_t)sent;
	}
	forward_touched(forward);
	return sent < 0 && sent != LIBSSH2_ERROR_EAGAIN ? -EPIPE : (ssize_t)all;
}

static void forward_wait(struct link *link, bool want_input, bool want_room)
{
	struct forward *forward = link->below;
	bool more = want_input && !forward->want_input;

	forward->want_input = want_input;
	forward->want_room = want_room;
	if (more && forward->ssh2)
		ssh2_pump(forward->ssh2); /* what came meanwhile is looked at again */
}

static void forward_link_closed(uv_handle_t *handle)
{
	link_closed(handle->data);
}

void forward_drop(struct forward *forward)
{
	struct ssh2 *ssh2 = forward->ssh2;

	forward->link = NULL;
	if (forward->ending)
		return;
	if (!ssh2) {
		forward_free(forward);
		return;
	}
	forward->state = FORWARD_CLOSING;
	ssh2_pump(ssh2);
}

static void forward_close(struct link *link)
{
	struct forward *forward = link->below;

	link->below = NULL;
	forward_drop(forward);
	uv_close((uv_handle_t *)&link->idle, forward_link_closed);
}

static const struct link_ops forward_ops = {forward_receive, forward_offer, forward_wait,
					    forward_close};

void forward_link(struct forward *forward, struct link *link, void (*event)(void *ctx), void *ctx)
{
	link_open_on(link, forward->ssh2->wire->loop, &forward_ops, forward, event, ctx);
	link->fd = forward->ssh2->link.fd;
	uv_idle_init(link->loop, &link->idle);
	link->idle.data = link;
	forward->link = link;
	forward->want_input = true;
}

/* --- the session's side --- */

/* Tells the asker, once. */
static void forward_answer(struct forward *forward, struct forward *answer, const char *reason,
			   const char *message)
{
	forward_fn *fn = forward->fn;

	forward->fn = NULL;
	if (fn)
		fn(forward->ctx, answer, reason, message);
}

static void forward_refused(struct forward *forward, int code)
{
	struct ssh2 *ssh2 = forward->ssh2;
	char message[400], *text = NULL;
	bool forbidden;

	libssh2_session_last_error(ssh2->session, &text, NULL, 0);
	forbidden = code == LIBSSH2_ERROR_CHANNEL_FAILURE && text && strstr(text, "prohibited");
	if (forbidden)
		snprintf(message, sizeof(message), "%s %s forbids to go on to %s:%d",
			 login_kind(ssh2->login), ssh2->login->name, forward->host, forward->port);
	else
		snprintf(message, sizeof(message), "%s %s cannot connect to %s:%d",
			 login_kind(ssh2->login), ssh2->login->name, forward->host, forward->port);
	ssh2->starting = NULL;
	ssh2->again = true;
	forward->state = FORWARD_GONE;
	forward_answer(forward, NULL, forbidden ? "forbidden" : "refused", message);
}

static enum step forward_open(struct forward *forward)
{
	struct ssh2 *ssh2 = forward->ssh2;
	int code;

	if (forward->state == FORWARD_WAITING) {
		if (ssh2->starting)
			return STEP_WAIT;
		ssh2->starting = forward;
		forward->state = FORWARD_OPENING;
	}
	forward->channel = libssh2_channel_direct_tcpip_ex(ssh2->session, forward->host,
							   forward->port, "127.0.0.1", 22);
	if (forward->channel) {
		ssh2->starting = NULL;
		ssh2->again = true; /* the next one may start */
		forward->state = FORWARD_OPEN;
		forward_answer(forward, forward, NULL, NULL);
		return STEP_WAIT;
	}
	code = libssh2_session_last_errno(ssh2->session);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	if (ssh2_connection_lost(ssh2, code))
		return STEP_FAILED;
	forward_refused(forward, code);
	return STEP_WAIT;
}

static bool forward_has_input(const struct forward *forward)
{
	unsigned long waiting = 0;

	if (!forward->want_input)
		return false;
	libssh2_channel_window_read_ex(forward->channel, &waiting, NULL);
	return waiting > 0 || libssh2_channel_eof(forward->channel);
}

static enum step forward_run(struct forward *forward)
{
	if (!forward->link || (!forward->want_room && !forward_has_input(forward)))
		return STEP_WAIT;
	link_ready(forward->link);
	/* It takes no more than its share at once. */
	if (forward->state == FORWARD_OPEN && forward_has_input(forward))
		forward->ssh2->again = true;
	return STEP_WAIT;
}

static enum step forward_step(struct forward *forward)
{
	switch (forward->state) {
	case FORWARD_WAITING:
	case FORWARD_OPENING:
		return forward_open(forward);
	case FORWARD_OPEN:
		return forward_run(forward);
	case FORWARD_CLOSING:
		if (libssh2_channel_free(forward->channel) != LIBSSH2_ERROR_EAGAIN)
			forward->state = FORWARD_GONE;
		return STEP_WAIT;
	default:
		return STEP_WAIT;
	}
}

/* Lets the network's bytes in: libssh2 sorts them by channel, whichever is asked. */
static enum step forwards_receive(struct ssh2 *ssh2)
{
	for (struct forward *forward = ssh2->forwards; forward; forward = forward->next) {
		ssize_t got;

		if (forward->state != FORWARD_OPEN)
			continue;
		got = libssh2_channel_read_ex(forward->channel, 0, ssh2->wire->scratch, 0);
		return got < 0 && got != LIBSSH2_ERROR_EAGAIN ? STEP_FAILED : STEP_WAIT;
	}
	return STEP_WAIT;
}

static void forwards_sweep(struct ssh2 *ssh2)
{
	struct forward **at = &ssh2->forwards;

	while (*at) {
		struct forward *forward = *at;

		if (forward->state != FORWARD_GONE) {
			at = &forward->next;
			continue;
		}
		*at = forward->next;
		forward_free(forward);
	}
}

enum step ssh2_forwards(struct ssh2 *ssh2)
{
	enum step step = forwards_receive(ssh2);
	uint64_t received = ssh2->link.received;

	for (struct forward *forward = ssh2->forwards;
	     forward && step != STEP_FAILED && !ssh2->doomed; forward = forward->next)
		step = forward_step(forward);
	forwards_sweep(ssh2);
	/* What came in on the way may be for one that was looked at before. */
	if (ssh2->link.received != received)
		ssh2->again = true;
	return step == STEP_FAILED ? STEP_FAILED : STEP_WAIT;
}

void ssh2_forwards_end(struct ssh2 *ssh2, const char *why)
{
	struct forward *forward, *list = ssh2->forwards;
	char text[sizeof(((struct link *)NULL)->why)];

	snprintf(text, sizeof(text), "%s %s: %s", login_kind(ssh2->login), ssh2->login->name, why ? why : "closed");
	ssh2->forwards = NULL;
	for (forward = list; forward; forward = forward->next) {
		if (forward->channel && forward->state != FORWARD_GONE)
			libssh2_channel_free(forward->channel);
		forward->ssh2 = NULL;
		forward->ending = true;
	}
	while ((forward = list) != NULL) {
		struct link *link = forward->link;

		list = forward->next;
		forward->ending = false;
		if (link) {
			memcpy(link->why, text, sizeof(text));
			link_ready(link); /* which drops it, then or later */
			continue;
		}
		forward_answer(forward, NULL, "lost", text);
		forward_free(forward);
	}
}
