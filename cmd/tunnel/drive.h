/*
 * Runs a driver: one verb, the profile on its standard input, its answers line by line
 * (mroom-tunnel-driver(7)).
 *
 * A driver is a process group of its own and has a deadline: when it is late, or cancelled, all of
 * the group is killed. What it says on standard error goes to a file in its directory.
 */
#ifndef MROOM_CMD_TUNNEL_DRIVE_H
#define MROOM_CMD_TUNNEL_DRIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * What a driver has to take its tunnel down: on a machine that is busy, daemons of several kinds
 * take their time to end. Whoever waits for that waits longer.
 */
#define DRIVE_DOWN_MS 60000

struct drive;

/* A line of an answer: words split at TABs, `count` of them; word beyond count are "". */
#define DRIVE_WORDS 4
struct drive_line {
	const char *words[DRIVE_WORDS];
	size_t count;
};
typedef void drive_line_fn(void *ctx, const struct drive_line *line);
/* Called once, last: why is NULL when the driver exited with status 0, else what went wrong. */
typedef void drive_done_fn(void *ctx, const char *why);

struct drive_args {
	const char *path, *verb;
	const char
	    *dir; /* where it runs; its file "log" there gets standard error. NULL: / and nowhere */
	const struct buf *input; /* copied, and wiped once it is written */
	int64_t deadline_ms;
	drive_line_fn *line;
	drive_done_fn *done;
	void *ctx;
};

/* Never calls back from within. NULL and err when it cannot be run at all. */
struct drive *drive_start(uv_loop_t *loop, const struct drive_args *args, struct err *err);
/* Kills it; `done` still follows. */
void drive_kill(struct drive *drive);

/* Runs it on a loop of its own until it is done; -1 (status 2) when that was not well. */
int drive_run(const struct drive_args *args, struct err *err);

#endif
