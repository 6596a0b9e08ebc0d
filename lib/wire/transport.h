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
#include "lib/room/outcome.h"

struct identity;
struct knownhosts;

enum stream { STREAM_OUT, STREAM_ERR };

enum phase { PHASE_WAIT, PHASE_RESOLVE, PHASE_CONNECT, PHASE_HANDSHAKE, PHASE_AUTHENTICATE, PHASE_RUN,
	     PHASE_CLOSE };

/* What all transports of a process share: the loop, and whether readers of our output are behind. */
struct wire {
	uv_loop_t *loop;
	bool paused;	  /* no channel output is taken from the network while set */
	char *scratch;	  /* bytes on their way from a channel to its reader */
	size_t scratch_size;
	uint32_t window;  /* channel receive window, bytes */
};

/* Where to, as whom, with what. Everything is borrowed and must outlive the transport. */
struct login {
	const char *host;
	long port;
	const char *user;
	struct identity *const *identities; /* in the order they are tried */
	size_t identity_count;
	/* Appends a password: 1, 0 (there is none), -1. Asked only when the server wants one. */
	int (*password)(void *ctx, struct buf *password);
	void *password_ctx;
	struct knownhosts *known;
	bool accept_new;
};

enum ending_how {
	ENDING_EXIT,	/* status holds the exit status */
	ENDING_SIGNAL,	/* signal holds its name, without SIG */
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
};

/* The libssh2 transport (ssh2.c). */
struct transport *ssh2_create(struct wire *wire, const struct login *login,
			      const struct transport_events *events, void *ctx);

#endif
