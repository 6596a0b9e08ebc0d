/*
 * The libssh2 transport: one non-blocking session per server, driven by the loop. All libssh2 calls
 * happen in ssh2_pump, which does what can be done until the network must be waited for.
 */
#include "lib/wire/ssh2.h"

#include <stdarg.h>
#include <string.h>

#include "lib/base/mem.h"

bool ssh2_connection_lost(const struct ssh2 *ssh2, int code)
{
	if (ssh2->link.ended || ssh2->link.broken || ssh2->disconnect[0])
		return true;
	switch (code) {
	case LIBSSH2_ERROR_SOCKET_SEND:
	case LIBSSH2_ERROR_SOCKET_RECV:
	case LIBSSH2_ERROR_SOCKET_DISCONNECT:
	case LIBSSH2_ERROR_SOCKET_TIMEOUT:
	case LIBSSH2_ERROR_TIMEOUT:
	case LIBSSH2_ERROR_PROTO:
	case LIBSSH2_ERROR_DECRYPT:
	case LIBSSH2_ERROR_INVALID_MAC:
	case LIBSSH2_ERROR_OUT_OF_BOUNDARY:
	case LIBSSH2_ERROR_ALLOC:
		return true;
	default:
		return false;
	}
}

void ssh2_fail(struct ssh2 *ssh2, enum outcome outcome, const char *reason, const char *format, ...)
{
	char message[512];
	va_list args;

	if (ssh2->state == SSH2_FAILED || ssh2->doomed)
		return;
	if (ssh2->link.why[0]) { /* what the server seems to have done, its jump host did */
		outcome = OUTCOME_UNREACHABLE;
		reason = "jump";
		snprintf(message, sizeof(message), "%s", ssh2->link.why);
	} else {
		va_start(args, format);
		vsnprintf(message, sizeof(message), format, args);
		va_end(args);
	}
	ssh2->state = SSH2_FAILED;
	ssh2_channels_end(ssh2, true);
	ssh2_forwards_end(ssh2, message);
	if (!ssh2->doomed)
		ssh2->events->failed(ssh2->ctx, outcome, reason, message);
}

/* sshd has too many logging in (MaxStartups), or has had enough of this address for now. */
static bool ssh2_dropped(const struct ssh2 *ssh2, const char *banner)
{
	return ssh2->link.received == 0 || (banner && (strstr(banner, "Not allowed at this time") ||
						       strstr(banner, "Exceeded MaxStartups")));
}

static void ssh2_handshake_failed(struct ssh2 *ssh2, int code)
{
	const char *banner = libssh2_session_banner_get(ssh2->session);
	bool spoke = banner && !strncmp(banner, "SSH-", 4); /* libssh2 keeps any last line */
	char *text = NULL;

	libssh2_session_last_error(ssh2->session, &text, NULL, 0);
	if (code == LIBSSH2_ERROR_KEX_FAILURE)
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "kex",
			  "no key exchange, host key type or cipher in common with libssh2 (%s)",
			  text ? text : "");
	else if (ssh2->disconnect[0])
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "hangup", "server hung up: %s",
			  ssh2->disconnect);
	else if (!spoke && ssh2_dropped(ssh2, banner))
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "dropped",
			  "server closed the connection before it said a word "
			  "(too many connections at once?)");
	else if (!spoke)
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "banner", "what answers there is no SSH server");
	else if (ssh2->link.ended)
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "hangup",
			  "server closed the connection during the handshake");
	else
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "handshake", "handshake failed: %s",
			  text ? text : "unknown reason");
}

/* dropbear takes 9000 bytes (MAX_CMD_LEN), and closes the connection on more. */
static size_t command_max(const struct ssh2 *ssh2)
{
	const char *banner = libssh2_session_banner_get(ssh2->session);

	return banner && strstr(banner, "dropbear") ? 8900 : 0;
}

/* libssh2 takes any version for one that it speaks, and then waits. */
static bool version_fits(const struct ssh2 *ssh2)
{
	const char *banner = libssh2_session_banner_get(ssh2->session);

	return !banner || strncmp(banner, "SSH-", 4) != 0 || !strncmp(banner, "SSH-2", 5) ||
	       !strncmp(banner, "SSH-1.99", 8);
}

static enum step step_handshake(struct ssh2 *ssh2)
{
	int code = libssh2_session_handshake(ssh2->session, ssh2->link.fd);
	enum step step;

	if (!version_fits(ssh2)) {
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "version",
			  "server speaks only an SSH of long ago (%.40s)",
			  libssh2_session_banner_get(ssh2->session));
		return STEP_FAILED;
	}
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	if (code) {
		ssh2_handshake_failed(ssh2, code);
		return STEP_FAILED;
	}
	ssh2->transport.command_max = command_max(ssh2);
	step = ssh2_check_hostkey(ssh2);
	if (step != STEP_ON)
		return step;
	ssh2->state = SSH2_AUTH;
	ssh2->events->phase(ssh2->ctx, PHASE_AUTHENTICATE);
	return STEP_ON;
}

static enum step step_auth(struct ssh2 *ssh2)
{
	enum step step = ssh2_authenticate(ssh2);

	if (step != STEP_ON)
		return step;
	ssh2_auth_finish(ssh2);
	ssh2->state = SSH2_READY;
	ssh2->events->ready(ssh2->ctx);
	return STEP_ON;
}

/* With no channel nobody takes from libssh2 what comes: it waits in front of it. */
static bool ssh2_rests(const struct ssh2 *ssh2)
{
	return ssh2->state == SSH2_READY && !ssh2->channels && !ssh2->forwards;
}

static enum step step_ready(struct ssh2 *ssh2)
{
	enum step step = ssh2_channels(ssh2);

	if (step != STEP_FAILED && !ssh2->doomed)
		step = ssh2_forwards(ssh2);
	if (step != STEP_FAILED && !ssh2->doomed && ssh2_rests(ssh2))
		link_look_ahead(&ssh2->link);
	if (step == STEP_FAILED || (!ssh2->channels && ssh2->link.end_told)) {
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "lost", "connection lost%s%s",
			  ssh2->disconnect[0] ? ": " : "", ssh2->disconnect);
		return STEP_FAILED;
	}
	return STEP_WAIT;
}

static enum step ssh2_step(struct ssh2 *ssh2)
{
	switch (ssh2->state) {
	case SSH2_HANDSHAKE:
		return step_handshake(ssh2);
	case SSH2_AUTH:
		return step_auth(ssh2);
	case SSH2_READY:
		return step_ready(ssh2);
	default:
		return STEP_WAIT;
	}
}

static void ssh2_free(void *ctx)
{
	free(ctx);
}

static void ssh2_tear_down(struct ssh2 *ssh2)
{
	if (ssh2->dial)
		dial_cancel(ssh2->dial);
	if (ssh2->jump)
		jump_cancel(ssh2->jump);
	ssh2->link.broken = true;
	ssh2_channels_end(ssh2, false);
	ssh2_forwards_end(ssh2, NULL);
	ssh2_auth_finish(ssh2);
	if (ssh2->session)
		libssh2_session_free(ssh2->session);
	ssh2->session = NULL;
	if (!ssh2->link_open)
		free(ssh2);
	else if (!ssh2->link.closing)
		link_close(&ssh2->link, ssh2_free);
}

bool ssh2_paused(const struct ssh2 *ssh2)
{
	return ssh2->state == SSH2_READY && ssh2->wire->paused && !ssh2->transport.unpaused;
}

static bool ssh2_listens(const struct ssh2 *ssh2)
{
	if (ssh2_rests(ssh2) && ssh2->link.ahead.len >= LINK_AHEAD_MAX)
		return false;
	return ssh2->state != SSH2_FAILED && !ssh2->link.ended && !ssh2_paused(ssh2);
}

void ssh2_wait(struct ssh2 *ssh2)
{
	if (ssh2->link_open && !ssh2->link.closing)
		link_wait(&ssh2->link, ssh2_listens(ssh2));
}

/* The other side closed: libssh2 hears of it only once it has handed out all that came before. */
static bool ssh2_tell_end(struct ssh2 *ssh2)
{
	if (!ssh2->link.ended || ssh2->link.end_told || ssh2_paused(ssh2))
		return false;
	ssh2->link.end_told = true;
	return true;
}

void ssh2_pump(struct ssh2 *ssh2)
{
	enum step step;

	if (ssh2->pumping) {
		ssh2->again = true;
		return;
	}
	ssh2->pumping = true;
	do {
		ssh2->again = false;
		step = ssh2_step(ssh2);
	} while (!ssh2->doomed && (step == STEP_ON || ssh2->again || ssh2_tell_end(ssh2)));
	ssh2->pumping = false;
	ssh2->link.budget = 0; /* until the next turn: only here new bytes are let in */
	if (ssh2->doomed)
		ssh2_tear_down(ssh2);
	else
		ssh2_wait(ssh2);
}

static void ssh2_feed(struct transport *transport)
{
	struct ssh2 *ssh2 = (struct ssh2 *)transport;

	if (ssh2->state == SSH2_READY) {
		link_turn(&ssh2->link);
		ssh2_pump(ssh2);
	}
}

static int64_t ssh2_keepalive(struct transport *transport)
{
	struct ssh2 *ssh2 = (struct ssh2 *)transport;
	int next;

	if (ssh2->state != SSH2_READY || ssh2->pumping)
		return 0;
	libssh2_keepalive_config(ssh2->session, 1, 1);
	libssh2_keepalive_send(ssh2->session, &next);
	ssh2_wait(ssh2);
	return (int64_t)uv_now(ssh2->wire->loop) - ssh2->link.last_rx;
}

static void ssh2_destroy(struct transport *transport, bool politely)
{
	struct ssh2 *ssh2 = (struct ssh2 *)transport;

	if (politely && ssh2->session && ssh2->state == SSH2_READY && !ssh2->link.ended)
		libssh2_session_disconnect_ex(ssh2->session, SSH_DISCONNECT_BY_APPLICATION, "done",
					      "");
	ssh2->doomed = true;
	if (!ssh2->pumping)
		ssh2_tear_down(ssh2);
}

static const struct transport_ops ssh2_ops = {
	.start = ssh2_start,
	.exec = ssh2_exec,
	.feed = ssh2_feed,
	.keepalive = ssh2_keepalive,
	.destroy = ssh2_destroy,
};

struct transport *ssh2_create(struct wire *wire, const struct login *login,
			      const struct transport_events *events, void *ctx)
{
	struct ssh2 *ssh2 = mem_zero(1, sizeof(*ssh2));

	ssh2->transport.ops = &ssh2_ops;
	ssh2->wire = wire;
	ssh2->login = login;
	ssh2->events = events;
	ssh2->ctx = ctx;
	ssh2->link.fd = -1;
	ssh2->opened = -1;
	buf_init(&ssh2->auth.signature);
	buf_init(&ssh2->auth.password);
	return &ssh2->transport;
}
