/* The inside of a fleet, shared by fleet.c (who is worked on when) and session.c (one server's life). */
#ifndef MROOM_WIRE_SESSION_H
#define MROOM_WIRE_SESSION_H

#include "lib/base/map.h"
#include "lib/wire/account.h"
#include "lib/wire/become.h"
#include "lib/wire/fleet.h"
#include "lib/wire/gate.h"
#include "lib/wire/jump.h"
#include "lib/wire/routes.h"

struct session {
	struct session *prev, *next; /* the fleet's active ones */
	struct fleet *fleet;
	struct server server;
	struct account account;
	struct transport *transport;
	transport_create_fn *speaker; /* what makes one */
	struct gate *gate;	   /* the one it dials through */
	bool at_gate;		   /* and holds a place in: between dialling and being logged in */
	int drops;		   /* how often the server hung up on it unheard */
	bool redials;		   /* its pause is over: it waits for a place at its gate */
	struct session *redials_next;
	uv_timer_t deadline, keepalive;
	int64_t excused_ms; /* of what keyring_spent_ms says: before the deadline's time began, or added to it */
	int open_handles;
	enum phase phase;
	int64_t started_ms, started_mono;
	void *own;
	bool opened;
	bool begun;    /* some command was sent */
	bool running;  /* a command is on its channel */
	bool stopping; /* it is being killed; verdict says how the server will end */
	bool killing;  /* and the kill is on its way */
	bool closed; /* its server is done */
	bool kept;   /* and it stays open, for the next time */
	struct exec_how how;
	size_t sent;	 /* of how.bytes */
	int lines_due;	 /* announcements still to come: where it runs, and that it has how.bytes */
	long group;	 /* the command's process group; 0: not known */
	char *long_line; /* what is sent, when it was a line too long to be one */
	int silent;	/* keepalives in a row without an answer */
	int64_t asked;	/* when the last one was sent, loop time */
	struct announcement announcement;
	struct ascent ascent, kill_ascent; /* the command's way through sudo, and that of its kill */
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
	char *asker; /* wire.asker */
	struct bastions *bastions;
	struct server *queue; /* waiting ones: queue_at .. queue_count */
	size_t queue_at, queue_count, queue_cap;
	struct session *active;
	struct session *turn; /* of those, the first that is fed when a pause is over; NULL: any */
	struct routes *routes; /* made with the first server behind a tunnel */
	struct server *parked; /* due, but their tunnel is not up yet */
	size_t parked_count;
	size_t active_count;
	struct gates *gates;
	struct session *redials, **redials_last; /* they go before servers that were never dialled */
	bool started, ended, told_idle;
	char *cancelled; /* why; NULL: it was not */
	uv_idle_t filler; /* starts the next servers outside of anybody's callback */
	bool filler_open;
	struct map *kept; /* sessions that stay open, by id; NULL: none do */
	bool let_go;	  /* none does any more */
	void (*idle)(void *ctx);
	void *idle_ctx;
};

/* Takes over the server and begins to dial through the gate. */
void session_start(struct fleet *fleet, struct server *server, struct gate *gate);
/* Dials (again). */
void session_dial(struct session *session);
/* From now on it has so long (ms) until `late` is called; what fetching passwords takes is not counted. */
void session_deadline_start(struct session *session, uv_timer_cb late, int64_t ms);
/* Says what happens, to those who want to hear every step, or what is out of the ordinary. */
void session_trace(struct session *session, const char *what);
void session_note(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Chooses the transport (session_speaker.c). */
void session_choose(struct session *session);
/* libssh2 failed in a way in which ssh(1) might not: dials with that; false when it did not. */
bool session_fall_back(struct session *session, const char *reason, const char *message);
/* It leaves the dialling phase; what became of it teaches the gate. */
void session_leave_gate(struct session *session, enum gate_how how);
/* The server dropped it unheard: it is dialled again after a pause, while its time lasts
 * (session_redial.c). */
void session_redial(struct session *session);
void session_redial_forget(struct session *session);
/* Gives up: kills what runs (proving it where that is possible), then ends the server that way. */
void session_stop(struct session *session, enum outcome outcome, const char *reason,
		  const char *message);
/* Kills the process group of what runs, once. */
void session_kill(struct session *session);
/* Listens for sudo's question in what a command says, and answers it: true when it came. */
bool session_ascend(struct session *session, struct ascent *ascent, const char *bytes, size_t count);
/* The kill is proven, or will not be any more: ends the server as session_stop was told. */
void session_stopped(struct session *session);
/* Ends it now. */
void session_close(struct session *session, enum outcome outcome, const char *reason,
		   const char *message, bool politely);
/* Hands it to the tool, which may end all of the run: then it was closed, and false comes back. */
bool session_open(struct session *session);
/* Its connection goes, and with the loop's next turn all of it. */
void session_release(struct session *session, bool politely);

/* --- session_keep.c --- */
/* Whether a session that is done may stay open. */
bool session_keepable(const struct session *session, bool politely);
void session_keep(struct session *session);
void session_unkeep(struct session *session, bool politely);
/* Goes on with the session that was kept for the server, which is taken over; false: there is none. */
bool fleet_resume(struct fleet *fleet, struct server *server);
/* Those behind the tunnel go, or (NULL) all. */
void fleet_lose_kept(struct fleet *fleet, const char *tunnel);

/* A session left the dialling phase, or is gone: others may start. */
void fleet_fill_soon(struct fleet *fleet);
/* Takes over the server, which is then waiting. */
void fleet_queue(struct fleet *fleet, struct server *server);

/* --- fleet_tunnel.c --- */
/* Whether the server has to wait for its tunnel, or has lost it: then it was taken over. */
bool fleet_tunnel_takes(struct fleet *fleet, struct server *server);
void fleet_tunnel_changed(void *ctx, const char *tunnel, enum route_state state);
/* Ends those that wait for a tunnel as `skipped`. */
void fleet_tunnel_skip(struct fleet *fleet, const char *why);
/* Lets go of all tunnels, and later gives back the memory. */
void fleet_tunnel_close(struct fleet *fleet);
void fleet_tunnel_finish(struct fleet *fleet);

void fleet_forget(struct fleet *fleet, struct session *session);
/* Of those that wait to be dialled again, the first whose gate has room; NULL. */
struct session *fleet_redial_next(struct fleet *fleet);

#endif
