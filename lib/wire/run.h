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

/* The options every such tool shares; run_opts is their table. Zero or NULL: as configured. */
struct run_args {
	long fanout;
	int64_t connect_timeout_ms, command_timeout_ms;
	const char *user;
	long port;
	struct list keys;
	bool ask_password;
	const char *password_file, *passphrase_file;
	const char *host_key;
	bool no_tunnel;
	bool largest; /* -S */
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

/* The summary line (not under -q) and one line per kind of trouble, ids folded. */
void run_summary(const struct run *run, FILE *to);

void run_destroy(struct run *run); /* NULL is allowed */

struct sink *run_out(struct run *run);
struct sink *run_err(struct run *run);
/* Something the console itself cannot go on with (status 6): everything is cancelled. */
void run_fail(struct run *run, const struct err *err);

#endif
