/* How a libssh2 session comes to be: dialled or reached through a jump host, with what we like
 * best. */
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/wire/forward.h"
#include "lib/wire/ssh2.h"

/* libssh2 would end a session whose answer is late; deadlines are kept by those who ask. */
#define PATIENCE_S 86400L

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

static bool ssh2_session_new(struct ssh2 *ssh2)
{
	LIBSSH2_SESSION *session = 
	    libssh2_session_init_ex(ssh2_heard_alloc, ssh2_heard_free, NULL, ssh2);
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
	libssh2_session_set_read_timeout(session, PATIENCE_S);
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

/* The stream is there: the SSH session begins on it. */
static void ssh2_begin(struct ssh2 *ssh2)
{
	ssh2->link_open = true;
	if (!ssh2_session_new(ssh2)) {
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, "console", "libssh2 refuses a session");
		return;
	}
	ssh2->state = SSH2_HANDSHAKE;
	ssh2->events->phase(ssh2->ctx, PHASE_HANDSHAKE);
	ssh2_pump(ssh2);
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
	ssh2_begin(ssh2);
}

static void ssh2_jumped(void *ctx, struct forward *forward, const char *reason, const char *message)
{
	struct ssh2 *ssh2 = ctx;

	ssh2->jump = NULL;
	if (!forward) {
		ssh2_fail(ssh2, OUTCOME_UNREACHABLE, reason, "%s", message);
		return;
	}
	forward_link(forward, &ssh2->link, ssh2_link_event, ssh2);
	ssh2_begin(ssh2);
}

void ssh2_start(struct transport *transport)
{
	struct ssh2 *ssh2 = (struct ssh2 *)transport;
	const struct login *login = ssh2->login;

	if (!ssh2->redialled)
		ssh2_prefer_known_types(ssh2, false);
	ssh2->state = SSH2_DIAL;
	ssh2->events->phase(ssh2->ctx, login->via ? PHASE_JUMP : PHASE_CONNECT);
	if (login->via)
		ssh2->jump = jump_dial(ssh2->wire->jumps, login->via, login->host, login->port,
				       ssh2_jumped, ssh2);
	else
		ssh2->dial =
		    dial_start(ssh2->wire->loop, login->host, login->port, ssh2_dialled, ssh2);
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
