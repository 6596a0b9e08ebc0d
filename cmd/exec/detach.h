/*
 * Commands that go on without the console (--detach), and what came of them (--collect). On the
 * server share/remote/exec-detach.sh keeps each by a name, which is the same on all servers of a
 * run; the journal has it at the end of the run's command.
 */
#ifndef MROOM_EXEC_DETACH_H
#define MROOM_EXEC_DETACH_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/exec/command.h"
#include "lib/base/err.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"

enum detach_how { DETACH_NOT, DETACH_BEGIN, DETACH_COLLECT };

/* What was asked of a server last. */
enum detach_step { DETACH_START, DETACH_ASK, DETACH_TAKE, DETACH_REMOVE };

struct detach {
	enum detach_how how;
	char name[17];
	char *script;
	size_t begun; /* commands that go on */
};

/* As the options say; DETACH_NOT without one. Targets, unless some are named, are those of the run
 * that is collected. detach_close also after a failure. */
int detach_open(struct detach *detach, const struct command_args *args, struct console *console,
		struct pick_args *targets, struct err *err);
void detach_close(struct detach *detach);
/* Appends to the command's title what it is to be found by. Caller frees. */
char *detach_title(const struct detach *detach, const char *title);

#endif
