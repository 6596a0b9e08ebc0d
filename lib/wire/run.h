/*
 * A run: targets, fleet, journal, summary and exit status together. Every tool that touches servers goes
 * through here, so that options, outcomes and records are the same everywhere.
 *
 * A tool creates a run with its handler, names the targets, lets it go, and exits with the status that
 * comes back. Output goes through the run's sinks (run_out, run_err), which hold servers back when a reader is slow.
 */
#ifndef MROOM_WIRE_RUN_H
#define MROOM_WIRE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/opt.h"
#include "lib/flow/sink.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"
#include "lib/wire/fleet.h"
#include "lib/wire/policy.h"

/* The options every such tool shares; run_opts is their table, policy_opts that of `policy`. Zero or NULL: as configured. */
struct run_args {
	long fanout;
	int64_t connect_timeout_ms, command_timeout_ms;
	const char *user;
	long port;
	struct list keys;
	bool ask_password;
	const char *password_file, *passphrase_file;
	/* For tools to set, no options: log in with this key and nothing else; without these keys. */
	const char *only_key;
	const struct list *without_keys;
	const char *ssh_config; /* -F */
	const char *host_key;
	const char *sudo; /* "": root */
	bool ask_sudo;
	const char *sudo_password_file;
	const char *jump; /* -J */
	bool no_tunnel;
	struct policy_args policy;
	bool largest; /* -S */
	const char *log_file;
	bool quiet;
	int verbose;
	bool debug;
};
extern const struct opt run_opts[];
void run_args_finish(struct run_args *args);

struct run;

/*
 * handler->open gets ctx, handler->closed too; the run keeps its books before it passes `closed` on. `command` is
 * one line for the journal. Prompts for passwords happen here. NULL on error.
 */
struct run *run_create(struct console *console, const char *tool, const char *command,
		       const struct run_args *args, const struct fleet_handler *handler, void *ctx,
		       struct err *err);

/*
 * Works on the targets until all are done: the exit status, with err set when there is something to say
 * beyond the summary (then err->status is that status).
 */
int run_go(struct run *run, const struct pick_args *targets, char **operands,
	   size_t operand_count, struct err *err);

/*
 * For a prompt: one run after another over sessions that stay open, on a loop that the caller may
 * turn in between (nothing is shown then). run_keep once, run_again before each run_go; `command`
 * is the run's line in the journal, NULL leaves it out of there: the same thing once more. ^C
 * cancels at once, without asking back.
 */
void run_keep(struct run *run);
void run_again(struct run *run, const char *command);
uv_loop_t *run_loop(struct run *run);
/* Cancels what is going on: run_go returns soon. */
void run_cancel(struct run *run, const char *why);

/* While it is set, no output is taken from any server. */
void run_pause(struct run *run, bool pause);

/* What the tool adds to the line on a terminal that says what is going on; `say` appends it, or
 * nothing. */
void run_progress(struct run *run, void (*say)(void *ctx, struct buf *to), void *ctx);

/* The summary line (not under -q) and one line per kind of trouble, ids folded. */
void run_summary(const struct run *run, FILE *to);

/* Its number in the journal; 0: no server was begun, so none was written. */
int64_t run_number(const struct run *run);

void run_destroy(struct run *run); /* NULL is allowed */

struct sink *run_out(struct run *run);
struct sink *run_err(struct run *run);
/* Something the console itself cannot go on with (status 6): everything is cancelled. */
void run_fail(struct run *run, const struct err *err);

#endif
