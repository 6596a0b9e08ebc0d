/*
 * What the verbs of mroom health share. Every verb exits with a status of Nagios: 0 OK, 1 WARNING,
 * 2 CRITICAL, 3 UNKNOWN; 130 when it was interrupted.
 */
#ifndef MROOM_HEALTH_HEALTH_H
#define MROOM_HEALTH_HEALTH_H

#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/room/checkup.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"
#include "lib/wire/deed.h"

/* What a verb was told, and what it works with. */
struct ask {
	struct pick_args targets;
	struct run_args run;
	struct out_args form;
	struct console console;
	char **operands; /* targets, unless the verb takes something else first */
	size_t operand_count;
	struct err err;
};

/* A verb's own part of its command line. */
struct ask_spec {
	const char *command; /* "mroom health check" */
	const char *args, *about;
	const char *complete;	/* operands; NULL: targets */
	const struct opt *opts; /* NULL: none of its own */
	void *into;
	const struct opt *form_opts; /* NULL: out_opts */
	bool touches;		     /* it connects to servers */
	const char *const *examples;
};

/* Parses and opens the console: OPT_RUN to go on. ask is to be all zero; ask_end in any case. */
enum opt_result ask_begin(struct ask *ask, const struct ask_spec *spec, int argc, char **argv);
/* Reports ask->err, closes, and returns the status to exit with: UNKNOWN when an error came up. */
int ask_end(struct ask *ask, const struct ask_spec *spec, int status);

/* --list: the ids of the targets, and nothing else. -1 on error. */
int ask_list(struct ask *ask, enum pick_mode mode);
/* Calls fn for every target, without connecting to any, for a verb that will. -1 on error. */
int ask_gather(struct ask *ask, pick_fn *fn, void *ctx);
/* The same for verbs that only read the store. */
int ask_each(struct ask *ask, pick_fn *fn, void *ctx);
/* Runs a deed on the targets. Whatever is told to standard error is told; the status is OK, or
 * UNKNOWN when something is wrong with the console, or 130. */
int ask_deed(struct ask *ask, const struct deed *deed, void *ctx, const char *command);

int health_check(int argc, char **argv);
int health_facts(int argc, char **argv);
int health_history(int argc, char **argv);
int health_report(int argc, char **argv);
int health_ports(int argc, char **argv);
int health_db(int argc, char **argv);
int health_alert(int argc, char **argv);
int health_watch(int argc, char **argv);

#endif
