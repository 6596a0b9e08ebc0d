/*
 * The dispatcher: finds mroom-NAME and becomes it. It opens no database, and reads the settings only
 * for a NAME that is no command: it may be an alias.
 */
#ifndef MROOM_CMD_MROOM_H
#define MROOM_CMD_MROOM_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/opt.h"
#include "lib/room/home.h"

/* --- find.c: where tools are --- */

/* Whether it can be a command's name: nothing that a path, shell or terminal takes for something else. */
bool find_is_name(const char *name);
/* The executable of a command, malloc'ed; NULL when there is none. Sought in home->exec_path, beside this
 * executable, then on PATH. */
char *find_tool(const struct home *home, const char *name);
/* All commands: sorted, each once. With `foreign`, tools of PATH that are none of our own go there. */
void find_tools(const struct home *home, struct list *own, struct list *foreign);

/* --- alias.c --- */

/* Replaces argv[0] by what it is an alias for, as often as that is an alias itself: 1 replaced (*argv is
 * a new NULL-ended array; it and its words belong to `keep`), 0 it is none, -1. */
int alias_expand(const struct home *home, char ***argv, struct list *keep, struct err *err);
/* Names and meanings, one "NAME TAB MEANING" line each. */
int alias_list(const struct home *home, struct err *err);
/* Prints what an alias, one's own or a built-in one, stands for: 1, 0 when it is none, -1. */
int alias_show(const struct home *home, const char *name, struct err *err);
/* Appends the names. Settings that cannot be read have none. */
void alias_names(const struct home *home, struct list *names);

/* --- habit.c: what the first MachineRoom's words stand for --- */

/* Replaces argv[0], and names of roster files behind it, by what is meant today (the new array
 * and its words belong to `keep`): false when it is none of those words. */
bool habit_expand(const struct home *home, char ***argv, struct list *keep);
/* What the word stands for, or NULL. */
const char *habit_meaning(const char *word);

/* --- help.c --- */

/* The overview: options, commands by group. */
void help_overview(const struct opt_spec *spec, const struct home *home);
/* mroom help NAME: becomes man(1) or the tool's --help. Returns 0 when it printed something itself, -1. */
int help_run(const struct opt_spec *spec, const struct home *home, const char *name,
	     struct err *err);

/* --- run.c --- */

/* Becomes the command argv[0] with the rest as its arguments. Returns 0 for what is answered here, -1 with err
 * set when it cannot. */
int run_command(const struct home *home, char **argv, struct err *err);
/* Becomes this tool: path argv[1]... */
int run_tool(const struct home *home, const char *path, char **argv, struct err *err);
/* Says that the name is no command, and what may have been meant. -1. */
int run_unknown(const struct home *home, const char *name, struct err *err);

#endif
