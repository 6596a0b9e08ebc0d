/*
 * Many servers at once in one process on one event loop.
 *
 * Servers are added at any time; at most `fanout` are worked on at once and at most `handshakes` of
 * those are being connected and authenticated. Each server is a session with a state, a deadline, and the
 * tool's own data; the tool's handler says what to do once a server is ready. Every server added ends in
 * exactly one call of `closed`. Nothing here prints.
 */
#ifndef MROOM_WIRE_FLEET_H
#define MROOM_WIRE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/room/outcome.h"
#include "lib/room/server.h"
#include "lib/wire/keyring.h"
#include "lib/wire/knownhosts.h"
#include "lib/wire/remote.h"
#include "lib/wire/transport.h"

struct fleet;
struct session;

/* How a server ended. Texts live during the call. */
struct result {
	enum outcome outcome;
	const char *reason;  /* a class: "exit", "refused", "auth", ... or NULL */
	const char *message; /* one line, or NULL */
	int exit_status;     /* of the last remote command; -1: none */
	int64_t started_ms;  /* since the epoch, when the dial began */
	int64_t duration_ms;
};

/* What a tool does with its servers. `own` is what open returned. NULL members are left out. */
struct fleet_handler {
	void *(*open)(void *ctx, struct session *session); /* about to be dialled */
	void (*ready)(void *own, struct session *session); /* logged in: session_exec or session_end */
	void (*output)(void *own, struct session *session, enum stream stream, const char *bytes,
		       size_t count);
	size_t (*input)(void *own, struct session *session, char *into, size_t room, bool *end);
	/* A command ended: session_exec the next, or session_end. */
	void (*ended)(void *own, struct session *session, const struct ending *ending);
	/* The server is done; own is NULL when it was never opened. */
	void (*closed)(void *ctx, void *own, const struct server *server,
		       const struct result *result);
};

struct fleet_args {
	long fanout, handshakes;
	int64_t connect_timeout_ms; /* dial to authenticated */
	int64_t command_timeout_ms; /* 0: none */
	int64_t keepalive_ms;	    /* 0: none; a server silent for three of these is lost */
	const char *user;	    /* -l: for every server; NULL */
	const char *default_user;   /* where neither says */
	long port;		    /* -p; 0 */
	long default_port;
	bool accept_new, no_tunnel;
	/* Told what happens to each server, for --debug; NULL. Never gets secrets. */
	void (*trace)(void *ctx, const struct server *server, const char *what);
	struct keyring *keyring;
	struct knownhosts *known;
	const struct remote *remote;
};

/* Everything in args is borrowed for the fleet's life. */
struct fleet *fleet_create(uv_loop_t *loop, const struct fleet_args *args,
			   const struct fleet_handler *handler, void *ctx);
void fleet_destroy(struct fleet *fleet); /* after its loop ended; NULL is allowed */

void fleet_add(struct fleet *fleet, const struct server *server); /* copies */
/* Begins to dial (servers added before that wait). */
void fleet_start(struct fleet *fleet);
/* No more servers will be added: `idle` is called once all are closed. */
void fleet_end(struct fleet *fleet, void (*idle)(void *ctx), void *ctx);

/* Readers of our output are behind (true), or have caught up. */
void fleet_pause(struct fleet *fleet, bool pause);
/* Ends the waiting ones as `skipped`; what runs goes on. */
void fleet_skip(struct fleet *fleet, const char *why);
/* Stops everything: what runs is killed and ends as `cancelled`, what waits as `skipped`. */
void fleet_cancel(struct fleet *fleet, const char *why);
/* As fleet_cancel without waiting for the remote side to confirm. */
void fleet_abandon(struct fleet *fleet);

size_t fleet_active(const struct fleet *fleet);
size_t fleet_waiting(const struct fleet *fleet);

/* Adds the ids of those being worked on. */
void fleet_ids(const struct fleet *fleet, struct list *ids);

/* --- for handlers --- */
const struct server *session_server(const struct session *session);
/* The ctx that the fleet was created with. */
void *session_ctx(const struct session *session);

/*
 * Runs a command line with the user's shell, wrapped so that it can be stopped (raw: as it is, which can
 * only be abandoned). The command timeout starts anew. `line` is not kept.
 */
void session_exec(struct session *session, const char *line, bool raw);
/* Input may have more now (after input returned 0). */
void session_feed(struct session *session);
/* The server is done: closes politely. Not after it was closed. */
void session_end(struct session *session, enum outcome outcome, const char *reason,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The usual end after one command: ok, or failed with its status or signal, or lost, or refused. */
void session_end_as(struct session *session, const struct ending *ending);

#endif
