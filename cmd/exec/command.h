/* What a server is to run, and how. */
#ifndef MROOM_EXEC_COMMAND_H
#define MROOM_EXEC_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/opt.h"
#include "lib/room/console.h"
#include "lib/wire/fleet.h"

/* command_opts is the table. */
struct command_args {
	const char *script; /* --script FILE */
	const char *dir;    /* --cd */
	const char *title;  /* --title: for the journal */
	struct list env;    /* --env NAME=VALUE */
	bool tty, subst, raw, detach;
	const char *collect; /* --collect RUN */
};
extern const struct opt command_opts[];

struct command {
	const struct command_args *args;
	struct store *store;
	struct list words; /* the command's, or the script's arguments */
	struct buf script; /* what is sent; empty: nothing */
	char *at;	   /* at.sh, where it is needed */
	char *title;	   /* one line for the journal */
};

/* args must outlive it; so must the console. command_close also after a failure. */
int command_open(struct command *command, const struct command_args *args, struct console *console,
		 char **words, struct err *err);
void command_close(struct command *command);

/* Appends the command line for the user's shell. A script's bytes are to be its input: it
 * says a line of its own once it has them. */
int command_line(const struct command *command, struct session *session, size_t number,
		 struct buf *line, struct err *err);
/* Runs it on a server that is ready; `number` is the server's in this run. */
void command_exec(const struct command *command, struct session *session, size_t number);

#endif
