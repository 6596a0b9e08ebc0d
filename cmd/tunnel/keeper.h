/*
 * The keeper of one tunnel: brings it up, looks after it, counts its users, and takes it down when
 * the last one is gone. One process per tunnel that is up; lib/wire/route.h tells how it is talked
 * to.
 *
 *   hold.c           the process: lock, socket, loop
 *   keeper.c         what state the tunnel is in, and what follows from that
 *   keeper_driver.c  the driver's verbs, one at a time
 *   keeper_user.c    connections and watched processes
 */
#ifndef MROOM_CMD_TUNNEL_KEEPER_H
#define MROOM_CMD_TUNNEL_KEEPER_H

#include "cmd/tunnel/drive.h"
#include "cmd/tunnel/tunnel.h"
#include "lib/wire/dial.h"
#include "lib/wire/route.h"

struct user;

struct keeper {
	uv_loop_t loop;
	struct console console;
	struct tunnel tunnel;
	char *driver, *dir;
	char *left_by; /* the driver of what a killed keeper left; NULL */
	struct buf profile, plain; /* with secrets, until it is up; and without */
	int lock;

	enum route_state state;
	struct buf reason;
	bool pinned;  /* up until somebody says down */
	bool begun;   /* somebody wanted it */
	bool leaving; /* the end has begun */

	/* the driver at work */
	struct drive *drive;
	void (*then)(struct keeper *keeper, bool well); /* called when it is done */
	enum route_state said;				/* what it answered last */
	struct buf said_reason;

	/* the probe at work */
	struct dial *dial;
	bool probed;   /* has succeeded since the tunnel came up */
	int64_t up_by; /* monotonic: when `up` is too late */

	uv_pipe_t listener;
	uv_timer_t check, watch, probe;
	uv_signal_t terminate, interrupt;
	struct user *users;
	int64_t timeout_ms, check_ms;
	bool keep;
};

/* --- keeper.c --- */
/* Waits for the first user. */
void keeper_start(struct keeper *keeper);
/* He is there: brings the tunnel up. */
void keeper_begin(struct keeper *keeper);
/* The state has changed: told to all users, and noted. */
void keeper_set(struct keeper *keeper, enum route_state state, const char *reason);
/* Somebody came, went, or changed his mind. */
void keeper_consider(struct keeper *keeper);
/* Takes the tunnel down and ends. */
void keeper_leave(struct keeper *keeper);

/* --- keeper_driver.c --- */
/* Runs a verb; `then` gets whether the driver ended well. keeper->said is what it answered. */
void keeper_drive(struct keeper *keeper, const char *verb, const struct buf *profile,
		  int64_t deadline_ms, void (*then)(struct keeper *keeper, bool well));
/* Makes the tunnel's directory anew, and fills in what a driver is told besides the profile. */
int keeper_prepare(struct keeper *keeper, struct err *err);
/* Removes it with all that is in it. */
/* The driver that brought up what is left in the directory: the profile may name another by now. NULL: not known. Caller
 * frees. */
char *keeper_left_by(const struct keeper *keeper);
void keeper_tidy(struct keeper *keeper);

/* --- keeper_user.c --- */
int keeper_listen(struct keeper *keeper, struct err *err);
/* Nobody can come any more: who tries finds the next keeper. */
void keeper_unlisten(struct keeper *keeper);
/* Those who want the tunnel, now. */
long keeper_users(const struct keeper *keeper);
/* Tells all who are connected how it is. */
void keeper_tell(struct keeper *keeper);
/* Tells the last, then lets everybody go. */
void keeper_part(struct keeper *keeper);

#endif
