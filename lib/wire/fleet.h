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
#include "lib/room/home.h"
#include "lib/room/outcome.h"
#include "lib/room/server.h"
#include "lib/wire/keyring.h"
#include "lib/wire/knownhosts.h"
#include "lib/wire/remote.h"
#include "lib/wire/transport.h"

struct become;
struct fleet;
struct learned;
struct session;
struct sshhosts;

/* The class of a server that the only key allowed was not tried on. */
#define REASON_UNTRIED "untried"

/* How a server ended. Texts live during the call. */
struct result {
	enum outcome outcome;
	const char *reason;  /* a class: "exit", "refused", "auth", ... or NULL */
	const char *message; /* one line, or NULL */
	int exit_status;     /* of the last remote command; -1: none */
	int64_t started_ms;  /* since the epoch, when the dial began */
	int64_t duration_ms;
	bool begun; /* a command was sent to it */
};

/* What a tool does with its servers. `own` is what open returned. NULL members are left out. A server that is
 * dialled again (--retries) is another session with the same `own`. */
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

enum speaker { SPEAKER_AUTO, SPEAKER_LIBSSH2, SPEAKER_OPENSSH, SPEAKER_LOCAL };

struct fleet_args {
	long fanout, handshakes;
	int64_t connect_timeout_ms; /* dial to authenticated */
	int64_t command_timeout_ms; /* 0: none */
	int64_t keepalive_ms;	    /* 0: none; a server silent for three of these is lost */
	const char *user;	    /* -l: for every server; NULL */
	const char *default_user;   /* where neither says */
	long port;		    /* -p; 0 */
	long default_port;
	const char *jump;	    /* -J: for every server; NULL */
	/* Finds the server of that id, for jump hosts: 1, 0 (there is none), -1. */
	int (*find)(void *ctx, const char *id, struct server *server, struct err *err);
	/* The host that a tunnel of type SSH goes through: as hop_find and hop_password. */
	int (*hop)(void *ctx, const char *tunnel, struct server *host, struct err *err);
	int (*hop_password)(void *ctx, const char *tunnel, struct buf *password, struct err *err);
	void *find_ctx; /* of these three */
	bool accept_new, no_tunnel;
	bool host_key_chosen, timeout_chosen; /* whatever ssh_config says */
	const struct home *home; /* where the keepers of tunnels are found */
	enum speaker speaker; /* [ssh] transport */
	bool steps, notes;    /* what trace hears: each step; what is out of the ordinary */
	/* Told what happens to each server; NULL. Never gets secrets. */
	void (*trace)(void *ctx, const struct server *server, const char *what);
	struct keyring *keyring;
	struct sshhosts *hosts; /* what ssh_config says, and the known host keys */
	const struct remote *remote;
	const struct become *become; /* commands go through sudo; NULL: they do not */
	struct learned *learned; /* NULL: nothing is remembered */
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

/*
 * For one run after another: from now on sessions stay open when their servers are done, and a
 * server that is added once more goes on with its own. The loop does not end by itself then:
 * `idle` stops it. fleet_again before servers are added for the next run; fleet_let_go at the very end.
 */
void fleet_keep(struct fleet *fleet);
void fleet_again(struct fleet *fleet);
void fleet_let_go(struct fleet *fleet);

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

/* Appends "running: web-[01-03] (3); waiting: 7"; `more` wait elsewhere. */
void fleet_outstanding(const struct fleet *fleet, size_t more, struct buf *text);
/* The one that has been worked on longest, and since when (monotonic ms); NULL: there is none. */
const struct server *fleet_slowest(const struct fleet *fleet, int64_t *since);

/* --- for handlers --- */
const struct server *session_server(const struct session *session);
uv_loop_t *session_loop(const struct session *session);
/* The ctx that the fleet was created with. */
void *session_ctx(const struct session *session);

/* Whether the command that ended has begun at all: where nobody runs our shell, it has not. */
bool session_announced(const struct session *session);

/* As whom it is logged in to. */
const char *session_user(const struct session *session);
/* What it takes to compose command lines. */
const struct remote *session_remote(const struct session *session);

/* In which way a command line is run. All zero: the usual one. */
struct exec_how {
	bool raw; /* as it is, unwrapped: it can only be abandoned, not stopped */
	bool tty; /* on a terminal of its own; both streams are then one */
	/* Sent ahead of the command's own input, for a line of remote_file; kept until it ended. */
	const char *bytes;
	size_t count;
	bool subsystem; /* the line is the name of one, such as "sftp": it goes raw */
	const char *const *argv; /* set by session_script */
};

/*
 * Runs a command line with the user's shell, wrapped so that it can be stopped. The command timeout
 * starts anew. `what` is not kept. A line that is too long for SSH travels as a file.
 */
void session_exec(struct session *session, const char *what, const struct exec_how *how);
/* Runs a script by sh with these arguments, of any size: in the command line where it fits, else as
 * a file. Nothing is kept. */
void session_script(struct session *session, const char *script, const char *const *argv);
/* Input may have more now (after input returned 0). */
void session_feed(struct session *session);
/* The server is done: closes politely. Not after it was closed. */
void session_end(struct session *session, enum outcome outcome, const char *reason,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The usual end after one command: ok, or failed with its status or signal, or lost, or refused. */
void session_end_as(struct session *session, const struct ending *ending);

#endif
