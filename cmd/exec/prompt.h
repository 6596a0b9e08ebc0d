/* A prompt (no command, on a terminal): line after line on the same servers, each a run of its own,
 * over sessions that stay open. */
#ifndef MROOM_EXEC_PROMPT_H
#define MROOM_EXEC_PROMPT_H

#include <stdbool.h>

#include "cmd/exec/exec.h"

/* Whether that is what was asked for. */
bool prompt_wanted(const struct exec *exec, char **words);
/* exec->run was created. The exit status, which is that of the last line. */
int prompt_run(struct exec *exec, struct console *console, const struct run_args *run_args,
	       const struct pick_args *targets, struct err *err);

#endif
