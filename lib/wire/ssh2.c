/*
 * The libssh2 transport: one non-blocking session per server, driven by the loop. All libssh2 calls
 * happen in ssh2_pump, which does what can be done until the network must be waited for.
 */
#include "lib/wire/ssh2.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"

/* Cheap and sound first; the large finite-field groups block the loop for 20 to 170 ms. */
static const char kex_preference[] =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
    "ecdh-sha2-nistp521,diffie-hellman-group14-sha256,diffie-hellman-group16-sha512,"
    "diffie-hellman-group-exchange-sha256,diffie-hellman-group18-sha512";
static const char cipher_preference[] =
    "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,"
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com";
/* No certificates: libssh2 1.11 offers them and then fails the key exchange. */
static const char hostkey_preference[] =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,"
    "rsa-sha2-256";

static ssize_t ssh2_recv(libssh2_socket_t socket, void *into, size_t room, int flags,
			 void **abstract)
{
	struct ssh2 *ssh2 = *abstract;

	(void)socket;
	(void)flags;
	return link_receive(&ssh2->link, into, room);
}

static ssize_t ssh2_send(libssh2_socket_t socket, const void *bytes, size_t count, int flags,
			 void **abstract)
{
	struct ssh2 *ssh2 = *abstract;

	(void)socket;
	(void)flags;
	return link_send(&ssh2->link, bytes, count);
}

static void ssh2_disconnected(LIBSSH2_SESSION *session, int reason, const char *message,
			      int message_len, const char *language, int language_len,
			      void **abstract)
{
	struct ssh2 *ssh2 = *abstract;

	(void)session;
	(void)reason;
	(void)language;
	(void)language_len;
	snprintf(ssh2->disconnect, sizeof(ssh2->disconnect), "%.*s", message_len, message);
}

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
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	ssh2->state = SSH2_FAILED;
	ssh2_channels_end(ssh2, true);
	if (!ssh2->doomed)
		ssh2->events->failed(ssh2->ctx, outcome, reason, message);
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
	else if (!spoke && ssh2->link.received > 0)
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "banner", "what answers there is no SSH server");
	else if (!spoke)
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "banner",
			  "server closed the connection before it said a word "
			  "(too many connections at once?)");
	else if (ssh2->link.ended)
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "hangup",
			  "server closed the connection during the handshake");
	else
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "handshake", "handshake failed: %s",
			  text ? text : "unknown reason");
}

static bool ssh2_session_new(struct ssh2 *ssh2)
{
	LIBSSH2_SESSION *session = libssh2_session_init_ex(NULL, NULL, NULL, ssh2);
	char preference[512];

	if (!session)
		return false;
	ssh2->session = session;
	libssh2_session_callback_set2(session, LIBSSH2_CALLBACK_SEND,
				      (libssh2_cb_generic *)ssh2_send);
	libssh2_session_callback_set2(session, LIBSSH2_CALLBACK_RECV,
				      (libssh2_cb_generic *)ssh2_recv);
	libssh2_session_callback_set2(session, LIBSSH2_CALLBACK_DISCONNECT,
				      (libssh2_cb_generic *)ssh2_disconnected);
	libssh2_session_set_blocking(session, 0);
	snprintf(preference, sizeof(preference), "%s%s%s", ssh2->hostkey_types,
		 ssh2->hostkey_types[0] ? "," : "", hostkey_preference);
	return !libssh2_session_method_pref(session, LIBSSH2_METHOD_KEX, kex_preference) &&
	       !libssh2_session_method_pref(session, LIBSSH2_METHOD_HOSTKEY, preference) &&
	       !libssh2_session_method_pref(session, LIBSSH2_METHOD_CRYPT_CS, cipher_preference) &&
	       !libssh2_session_method_pref(session, LIBSSH2_METHOD_CRYPT_SC, cipher_preference);
}

static void ssh2_link_event(void *ctx)
{
	ssh2_pump(ctx);
}

static void ssh2_dialled(void *ctx, int fd, const char *reason, const char *message)
{
	struct ssh2 *ssh2 = ctx;

	ssh2->dial = NULL;
	if (fd < 0) {
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, reason, "%s", message);
		return;
	}
	if (link_open(&ssh2->link, ssh2->wire->loop, fd, ssh2_link_event, ssh2)) {
		close(fd);
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "console", "the socket cannot be watched");
		return;
	}
	ssh2->link_open = true;
	if (!ssh2_session_new(ssh2)) {
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "console", "libssh2 refuses a session");
		return;
	}
	ssh2->state = SSH2_HANDSHAKE;
	ssh2->events->phase(ssh2->ctx, PHASE_HANDSHAKE);
	ssh2_pump(ssh2);
}

static void ssh2_start(struct transport *transport)
{
	struct ssh2 *ssh2 = (struct ssh2 *)transport;

	if (!ssh2->redialled)
		ssh2_prefer_known_types(ssh2, false);
	ssh2->state = SSH2_DIAL;
	ssh2->events->phase(ssh2->ctx, PHASE_CONNECT);
	ssh2->dial = dial_start(ssh2->wire->loop, ssh2->login->host, ssh2->login->port,
				ssh2_dialled, ssh2);
}

static void link_gone_redial(void *ctx)
{
	struct ssh2 *ssh2 = ctx;

	ssh2->link_open = false;
	if (ssh2->doomed)
		free(ssh2);
	else
		ssh2_start(&ssh2->transport);
}

/* The name is known by keys of other types only: connect again and ask for those. */
void ssh2_redial(struct ssh2 *ssh2)
{
	ssh2->redialled = true;
	ssh2_prefer_known_types(ssh2, true);
	ssh2->state = SSH2_DIAL;
	ssh2->link.broken = true;
	libssh2_session_free(ssh2->session);
	ssh2->session = NULL;
	link_close(&ssh2->link, link_gone_redial);
}

static enum step step_handshake(struct ssh2 *ssh2)
{
	int code = libssh2_session_handshake(ssh2->session, ssh2->link.fd);
	enum step step;

	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	if (code) {
		ssh2_handshake_failed(ssh2, code);
		return STEP_FAILED;
	}
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

static enum step step_ready(struct ssh2 *ssh2)
{
	enum step step = ssh2_channels(ssh2);

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
	ssh2->link.broken = true;
	ssh2_channels_end(ssh2, false);
	ssh2_auth_finish(ssh2);
	if (ssh2->session)
		libssh2_session_free(ssh2->session);
	ssh2->session = NULL;
	if (!ssh2->link_open)
		free(ssh2);
	else if (!uv_is_closing((uv_handle_t *)&ssh2->link.poll))
		link_close(&ssh2->link, ssh2_free);
}

bool ssh2_paused(const struct ssh2 *ssh2)
{
	return ssh2->state == SSH2_READY && ssh2->wire->paused && !ssh2->transport.unpaused;
}

static void ssh2_wait(struct ssh2 *ssh2)
{
	if (ssh2->link_open && !uv_is_closing((uv_handle_t *)&ssh2->link.poll))
		link_wait(&ssh2->link, ssh2->state != SSH2_FAILED && !ssh2->link.ended &&
					   !ssh2_paused(ssh2));
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
	buf_init(&ssh2->auth.signature);
	buf_init(&ssh2->auth.password);
	return &ssh2->transport;
}
