/* The inside of a fleet, shared by fleet.c (who is worked on when) and session.c (one server's life). */
#ifndef MROOM_WIRE_SESSION_H
#define MROOM_WIRE_SESSION_H

#include "lib/wire/fleet.h"

struct session {
	struct session *prev, *next; /* the fleet's active ones */
	struct fleet *fleet;
	struct server server;
	struct login login;
	struct identity **identities;
	struct buf trouble; /* why the server's own key was of no use */
	struct transport *transport;
	uv_timer_t deadline, keepalive;
	int open_handles;
	enum phase phase;
	int64_t started_ms, started_mono;
	void *own;
	bool opened;
	bool running;  /* a command is on its channel */
	bool stopping; /* it is being killed; verdict says how the server will end */
	bool killing;  /* and the kill is on its way */
	bool closed;
	bool raw;
	int silent; /* keepalives in a row without an answer */
	struct announcement announcement;
	int exit_status;
	enum outcome verdict;
	const char *verdict_reason;
	char verdict_message[512];
	char killed[32]; /* what kill.sh said */
};

struct fleet {
	uv_loop_t *loop;
	struct fleet_args args;
	const struct fleet_handler *handler;
	void *ctx;
	struct wire wire;
	struct server *queue; /* waiting ones: queue_at .. queue_count */
	size_t queue_at, queue_count, queue_cap;
	struct session *active;
	size_t active_count, dialling;
	bool started, ended, told_idle, cancelled;
	uv_idle_t filler; /* starts the next servers outside of anybody's callback */
	bool filler_open;
	void (*idle)(void *ctx);
	void *idle_ctx;
};

/* Takes over the server and begins to dial. */
void session_start(struct fleet *fleet, struct server *server);
/* Gives up: kills what runs (proving it where that is possible), then ends the server that way. */
void session_stop(struct session *session, enum outcome outcome, const char *reason,
		  const char *message);
/* The kill is proven, or will not be any more: ends the server as session_stop was told. */
void session_stopped(struct session *session);
/* Ends it now. */
void session_close(struct session *session, enum outcome outcome, const char *reason,
		   const char *message, bool politely);

/* A session left the dialling phase, or is gone: others may start. */
void fleet_fill_soon(struct fleet *fleet);
void fleet_forget(struct fleet *fleet, struct session *session);
void fleet_dialled(struct fleet *fleet);

#endif
