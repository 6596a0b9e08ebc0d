/* The verbs of mroom state, one file each or a few that belong together, and what they share. */
#ifndef MROOM_CMD_STATE_H
#define MROOM_CMD_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"

int state_get(int argc, char **argv);
int state_set(int argc, char **argv);
int state_unset(int argc, char **argv);
int state_ls(int argc, char **argv);
int state_has(int argc, char **argv);
int state_flag(int argc, char **argv);
int state_unflag(int argc, char **argv);
int state_incr(int argc, char **argv);
int state_dump(int argc, char **argv);
int state_load(int argc, char **argv);
int state_history(int argc, char **argv);
int state_schedule(int argc, char **argv);
int state_due(int argc, char **argv);
int state_done(int argc, char **argv);
int state_backup(int argc, char **argv);
int state_restore(int argc, char **argv);
int state_check(int argc, char **argv);
int state_sql(int argc, char **argv);
int state_secret(int argc, char **argv);

/* Who it was, as the history tells. */
#define STATE_BY "state"

/* An answer of no: there is no such value, nothing was set. Nothing is said about it. */
#define STATE_NO 1

/* What a verb works with. */
struct call {
	struct console console;
	struct pick_args targets;
	struct out_args form;
	struct out *out;
	char **operands;
	size_t count;	 /* of the operands */
	bool many;	 /* servers were named by -w, -g, -a: not by an operand */
	struct list ids; /* of the servers, call_servers and call_pick */
	bool listed;	 /* under --list: they were shown, and nothing else is to be done */
};

/* Parses the options and opens the console: 1 go on; 0 help was shown; -1. spec's groups may point
 * into the call. */
int call_begin(struct call *call, const struct opt_spec *spec, int argc, char **argv,
	       struct err *err);
/* Opens call->out for rows. */
int call_rows(struct call *call, const struct out_column *columns, size_t count, struct err *err);
/* Releases, reports: the exit status. result: -1 is an error, else it is the status. */
int call_end(struct call *call, const char *command, int result, struct err *err);

/* Both of these return -1 also when the servers were only to be listed, and were: err is not set then. */
/* Fills ids from -w and its kin or, without them, from the first operand, which is taken away. */
int call_servers(struct call *call, struct err *err);
/* Fills ids from -w and its kin and the operands from `first` on. */
int call_pick(struct call *call, size_t first, enum pick_mode mode, struct err *err);

/* Refuses fewer or more operands than min..max; `what` says what is wanted. */
int call_expect(const struct call *call, size_t min, size_t max, const char *what, struct err *err);

/* A moment as a row shows it: for people in their time zone, for programs in UTC. */
void call_moment(const struct call *call, struct buf *text, int64_t ms);
/* A value as a row shows it: bare, but for JSON. */
const char *call_value(const struct call *call, const char *json, struct buf *text);

#endif
