/*
 * The inside of a run, shared by run.c (its beginning and end), run_targets.c (who comes when),
 * run_events.c (what happens to them), run_signal.c (who interrupts) and run_line.c (what is going
 * on).
 */
#ifndef MROOM_WIRE_RUN_INSIDE_H
#define MROOM_WIRE_RUN_INSIDE_H

#include <signal.h>

#include "lib/base/map.h"
#include "lib/wire/become.h"
#include "lib/wire/feeder.h"
#include "lib/wire/learned.h"
#include "lib/wire/policy.h"
#include "lib/wire/run.h"
#include "lib/wire/run_journal.h"
#include "lib/wire/sshhosts.h"
#include "lib/wire/tally.h"

struct run {
	struct console *console;
	struct run_args args;
	char *tool, *command;
	const struct fleet_handler *tool_handler;
	struct fleet_handler handler;
	void *ctx;
	uv_loop_t loop;
	struct keyring *keyring;
	struct sshhosts *hosts;
	struct remote remote;
	struct become become;
	struct learned *learned;
	struct fleet *fleet;
	struct run_journal journal;
	struct tally *tally;
	struct pick *pick;
	struct policy *policy;
	struct map *kept;      /* what the tool keeps of servers that are dialled again, by id */
	void (*progress)(void *ctx, struct buf *to); /* what the tool adds to the line; NULL */
	void *progress_ctx;
	struct run_line *line; /* what is going on, on a terminal; NULL */
	struct sink *out, *errs;
	struct feeder feeder;
	bool feeding, held;
	bool paused; /* by the tool */
	bool all_known, ending; /* no more targets will come; the fleet has been told */
	uv_signal_t interrupt, terminate, hangup;
	struct sigaction were[3]; /* what became of these before */
	int64_t started, interrupted_at;
	bool interrupted;
	bool keeping;		  /* sessions stay open for further runs */
	bool unjournalled;	  /* the same as the last one, which the journal has */
	bool watching, unlocking; /* signals are watched for; the keyring was started */
	struct err trouble; /* the first thing that went wrong here, not on a server */
};

/* --- run_targets.c --- */
extern const struct policy_events run_policy_events;
/* A target, from pick. */
int run_add(void *ctx, const struct server *server, struct err *err);
/* Standard input brings ids. */
void run_feed(struct run *run);
/* No more targets will come. */
void run_all_known(struct run *run);
/* Ends the run when nothing is left to begin. */
void run_settle(struct run *run);
/* None begins any more; with `kill` what runs is stopped. */
void run_stop(struct run *run, bool kill, const char *why);
/* Some were begun: read on. */
void run_read_on(struct run *run);

/* --- run_again.c --- */
/* Says farewell to all sessions that are still open. */
void run_let_go(struct run *run);

/* --- run_events.c --- */
/* Puts ours between the fleet and the tool's handler. */
void run_handle(struct run *run, const struct fleet_handler *handler);
void run_closed(void *ctx, void *own, const struct server *server, const struct result *result);
void run_trace(void *ctx, const struct server *server, const char *what);
/* Shows lines on standard error. */
void run_note(struct run *run, const char *text);
void run_drained(void *ctx);
void run_sink_check(struct run *run, const struct sink *sink, const char *name);

/* --- run_signal.c --- */
void run_watch_signals(struct run *run);
void run_ignore_signals(struct run *run);

/* --- run_line.c: the last line of a terminal says what is going on --- */
struct run_line *
run_line_create(struct run *run); /* NULL where it is not wanted, or no terminal is there */
void run_line_hide(struct run_line *line); /* before anything else is shown; NULL is allowed */
void run_line_close(
    struct run_line *line); /* hides it for good; it is gone with the loop's next turn */

#endif
