/*
 * What the verbs that work on servers have in common: targets, a form, connection options, and one
 * piece of work. A verb adds groups of its own between the first two.
 */
#ifndef MROOM_CMD_CERT_CALL_H
#define MROOM_CMD_CERT_CALL_H

#include "cmd/cert/work.h"

struct call {
	struct console console;
	struct pick_args picked;
	struct run_args run_args;
	struct out_args form;
	struct work work;
	struct err err;
	char **operands;
	size_t count;
	int status; /* what the verb comes to, as long as err is not set */
};

#define CALL_INIT {.console = CONSOLE_INIT, .err = ERR_INIT}

/* Parses the command line and opens the console; false: call_end is next. At most two groups are the
 * verb's own. */
bool call_begin(struct call *call, const struct opt_spec *about, const struct opt_group *own,
		size_t own_count, int argc, char **argv);
/* Whether --list was all that was wanted, and is answered. */
bool call_listed(struct call *call);
/* Begins the work under that name in the journal; false when it was call_listed. */
bool call_works(struct call *call, const char *name);
/* Ends the work and says what went wrong: the exit status. */
int call_end(struct call *call, const char *command);

#endif
