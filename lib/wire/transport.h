/*
 * A transport carries one server's connection: it dials, proves both sides to each other, and runs
 * commands on channels. This interface is all that the rest of lib/wire knows of how that is done.
 *
 * Life: create, start; then either `ready` or `failed` is reported; after ready channels may be opened, and
 * `failed` may still come once when the connection breaks (every channel's `ended` is reported
 * first). transport_destroy may be called at any time, also from inside a callback; no callback
 * comes after it. All texts passed to callbacks live only during the call.
 */
#ifndef MROOM_WIRE_TRANSPORT_H
#define MROOM_WIRE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/sockdir.h"
#include "lib/room/outcome.h"

struct identity;
struct jumps;
struct knownhosts;
struct keyring;
struct stranger;

enum stream { STREAM_OUT, STREAM_ERR };

enum phase { PHASE_WAIT, PHASE_RESOLVE, PHASE_JUMP, PHASE_CONNECT, PHASE_HANDSHAKE, PHASE_AUTHENTICATE, PHASE_RUN,
	     PHASE_CLOSE };

/* What all transports of a process share: the loop, and whether readers of our output are behind. */
struct wire {
	uv_loop_t *loop;
	bool paused;	  /* no channel output is taken from the network while set */
	char *scratch;	  /* bytes on their way from a channel to its reader */
	size_t scratch_size;
	uint32_t window;  /* channel receive window, bytes */
	struct jumps *jumps; /* sessions to jump hosts (jump.h) */
	int64_t connect_timeout_ms; /* from dialling to logged in */
	struct sockdir sockets; /* the directory of ssh(1)'s sockets, once there is one */
	unsigned long socket_count;
	const char *asker; /* the program by which ssh(1) asks us for passwords; NULL */
	const struct keyring *keyring; /* while it fetches passwords nobody is heard: keyring_spent_ms */
};

/* Where to, as whom, with what. Everything is borrowed and must outlive the transport. */
struct login {
	const char *name; /* what people call the server */
	bool tunnel;	  /* it is the host of a tunnel of type SSH, and that is its name */
	const struct login *via; /* its jump host; NULL: none. The same host is the same login. */
	const char *host;
	long port;
	const char *user;
	struct identity *const *identities; /* in the order they are tried */
	size_t identity_count;
	const char *remembered; /* what let us in last time, see server.auth; NULL */
	bool key_named;		/* the first identity was asked for: it goes before what is remembered */
	/* Appends a password: 1, 0 (there is none), -1. Asked only when the server wants one. */
	int (*password)(void *ctx, struct buf *password);
	/* Whether there may be one, without asking for it. */
	bool (*has_password)(void *ctx);
	/* What let us in, as server.auth has it; NULL: nothing worth remembering. */
	void (*proved)(void *ctx, const char *how);
	/* The server presented a key that is new or changed; it may still be let in (accept_new). */
	void (*met)(void *ctx, const struct stranger *stranger);
	void *ctx; /* of these four */
	struct knownhosts *known;
	const char *known_as; /* HostKeyAlias: the name there, without a port; NULL: the host */
	bool accept_new;
	const struct list *ssh_args; /* how ssh(1) is to be called for it, before the usual */
	const char *asked_for;	     /* the host as ssh_config knows it */
	const char *token_key;	     /* a key file that ssh(1) alone can use; NULL */
	const char *needs_ssh; /* a keyword of ssh_config that only ssh(1) can honour; NULL */
};

/* What a host on the way is to people, before its name. */
static inline const char *login_kind(const struct login *login)
{
	return login->tunnel ? "tunnel" : "jump host";
}

enum ending_how {
	ENDING_EXIT,	/* status holds the exit status */
	ENDING_SIGNAL,	/* signal holds its name, without SIG */
	ENDING_UNTOLD,	/* neither of both: the server closed the channel and did not say */
	ENDING_REFUSED, /* the server would not run it; problem says why */
	ENDING_LOST	/* the connection broke; how the command ended is not known */
};

struct ending {
	enum ending_how how;
	int status;
	const char *signal;
	const char *problem;
};

struct channel_events {
	void (*output)(void *ctx, enum stream stream, const char *bytes, size_t count);
	/* More standard input: fills `into` and returns the count; *end when that was the last. NULL: no
	 * input. 0 without *end: none now; feed asks again. */
	size_t (*input)(void *ctx, char *into, size_t room, bool *end);
	/* The last event of a channel, which is gone when this returns. */
	void (*ended)(void *ctx, const struct ending *ending);
	/* The command runs on a terminal: no echo, lines end as they do without one. */
	bool tty;
	bool subsystem; /* the command line is the name of a subsystem */
};

struct transport_events {
	void (*phase)(void *ctx, enum phase phase);
	void (*ready)(void *ctx);
	void (*failed)(void *ctx, enum outcome outcome, const char *reason, const char *message);
};

struct transport;

struct transport_ops {
	void (*start)(struct transport *transport);
	/* Opens a channel and runs the command line on it. Its events may come before this returns. */
	void (*exec)(struct transport *transport, const char *command,
		     const struct channel_events *events, void *ctx);
	/* Input may have more now, or output may flow again (paused was lifted). */
	void (*feed)(struct transport *transport);
	/* Something to say to keep the connection from idling; milliseconds since bytes last came. */
	int64_t (*keepalive)(struct transport *transport);
	void (*destroy)(struct transport *transport, bool politely);
};

struct transport {
	const struct transport_ops *ops;
	bool unpaused; /* its output is thrown away: read on even while wire->paused */
	size_t command_max; /* the server hangs up on longer commands; 0: it takes all that can be sent */
};

typedef struct transport *transport_create_fn(struct wire *wire, const struct login *login,
					      const struct transport_events *events, void *ctx);
transport_create_fn ssh2_create;    /* libssh2 */
transport_create_fn openssh_create; /* ssh(1) */
transport_create_fn local_create;   /* processes of the console itself, no SSH: for tests */

#endif
