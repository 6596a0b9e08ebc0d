/* The inside of the libssh2 transport, shared by ssh2.c (the connection), ssh2_auth.c and ssh2_channel.c. */
#ifndef MROOM_WIRE_SSH2_H
#define MROOM_WIRE_SSH2_H

#include <libssh2.h>

#include "lib/wire/dial.h"
#include "lib/wire/identity.h"
#include "lib/wire/jump.h"
#include "lib/wire/link.h"
#include "lib/wire/transport.h"

enum ssh2_state { SSH2_NEW, SSH2_DIAL, SSH2_HANDSHAKE, SSH2_AUTH, SSH2_READY, SSH2_FAILED };

enum auth_step { AUTH_RECALL, AUTH_RECALL_PASSWORD, AUTH_RECALL_INTERACTIVE, AUTH_KEYS, AUTH_METHODS,
		 AUTH_INTERACTIVE, AUTH_PASSWORD, AUTH_DENIED };

/* How far authentication has come (ssh2_auth.c). */
struct ssh2_auth {
	enum auth_step step;
	size_t identity;	/* the one being tried */
	bool signing;		/* asked for, not there yet */
	struct signing *request; /* where it is made; NULL */
	bool signed_;		/* signature, or sign_problem, is there */
	struct buf signature;
	char sign_problem[128];
	struct buf password;
	bool recalled; /* a remembered password went first */
	bool password_asked, have_password, password_tried, interactive_answered;
	char methods[256];	/* what the server accepts, once asked */
};

struct ssh2 {
	struct transport transport;
	struct wire *wire;
	const struct login *login;
	const struct transport_events *events;
	void *ctx;
	enum ssh2_state state;
	struct dial *dial;
	struct jump_request *jump;
	struct link link;
	bool link_open;
	LIBSSH2_SESSION *session;
	struct ssh2_auth auth;
	struct channel *channels; /* in the order they were opened */
	struct forward *forwards; /* other sessions that go through this one */
	int64_t opened; /* the id of the last channel that the server opened for us; -1 */
	const void *starting; /* whose open or exec is under way: one at a time per session */
	char disconnect[256];	  /* what the server said when it hung up */
	char hostkey_types[256];  /* preferred, when the name is known by these */
	bool redialled;
	bool pumping, again, doomed;
};

/* What libssh2 answered: go on, wait for the network, or give up. */
enum step { STEP_ON, STEP_WAIT, STEP_FAILED };

/* Dials, or goes through the jump host (ssh2_dial.c); SSH2_HANDSHAKE follows. */
void ssh2_start(struct transport *transport);

/* Does all that can be done now. */
void ssh2_pump(struct ssh2 *ssh2);
/* Reports the failure and ends the connection. */
void ssh2_fail(struct ssh2 *ssh2, enum outcome outcome, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Whether the connection itself is gone, rather than one request refused. */
bool ssh2_connection_lost(const struct ssh2 *ssh2, int code);

enum step ssh2_authenticate(struct ssh2 *ssh2);
void ssh2_auth_finish(struct ssh2 *ssh2);

/* Judges the host key (ssh2_hostkey.c): STEP_WAIT when it dials again to ask for another type. */
enum step ssh2_check_hostkey(struct ssh2 *ssh2);
/* Asks first for the types that the name is known by. */
void ssh2_prefer_known_types(struct ssh2 *ssh2, bool hashed);
void ssh2_redial(struct ssh2 *ssh2);

/* Of one channel's input (ssh2_flight.c); all zero at first. */
struct ssh2_flight {
	unsigned long window;	/* the widest that was seen */
	unsigned long held_at;	/* what was left of it when nothing more was to be sent */
	uint64_t held_since;	/* loop time in ms */
	bool free;		/* there is no limit */
};
/* Whether more input is to be sent; if not, whatever the server says next is reason to ask again. */
bool ssh2_flight_room(struct ssh2_flight *flight, const struct ssh2 *ssh2, LIBSSH2_CHANNEL *channel);

/* Whether output must wait because its readers are behind. */
bool ssh2_paused(const struct ssh2 *ssh2);

void ssh2_exec(struct transport *transport, const char *command,
	       const struct channel_events *events, void *ctx);
/* Moves every channel on; STEP_FAILED when the connection is lost. */
enum step ssh2_channels(struct ssh2 *ssh2);
/* Ends all channels as lost (reported) or silently. */
void ssh2_channels_end(struct ssh2 *ssh2, bool report);

/* Memory for libssh2; giving it back notes what channels were told on the way (ssh2_heard.c). */
void *ssh2_heard_alloc(size_t size, void **abstract);
void ssh2_heard_free(void *memory, void **abstract);
enum heard { HEARD_STATUS = 1, HEARD_CLOSE = 2 };
void ssh2_channel_heard(struct ssh2 *ssh2, uint32_t id, enum heard what);

/* Moves every forward on, and the sessions above them (ssh2_forward.c). */
enum step ssh2_forwards(struct ssh2 *ssh2);
/* Ends all forwards: `why` is what the sessions above them hear; NULL: there are none left to hear it. */
void ssh2_forwards_end(struct ssh2 *ssh2, const char *why);
/* Watches for what is to come, after bytes were queued from outside of ssh2_pump. */
void ssh2_wait(struct ssh2 *ssh2);

#endif
