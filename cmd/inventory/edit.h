/*
 * What the verbs that change servers share: options, picking, one transaction, and telling what was
 * done. A verb says what happens to one server; edit_main does the rest.
 */
#ifndef MROOM_CMD_INVENTORY_EDIT_H
#define MROOM_CMD_INVENTORY_EDIT_H

#include <stdbool.h>

#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"

struct edit_opts {
	bool dry_run, quiet, yes;
};

struct edit_change {
	bool done;
	unsigned fields;
};

struct edit {
	struct console console;
	struct pick_args picked;
	struct edit_opts opts;
	struct out_args form;
	struct out *out;
	struct server *servers; /* those that were picked */
	struct edit_change *changes; /* what became of each */
	size_t count, cap;
	long changed;
};

struct edit_verb {
	const char *command; /* "mroom inventory retire" */
	const char *operand_complete; /* NULL: targets */
	const char *args, *about;
	const char *const *examples;
	const struct opt *opts; /* the verb's own; NULL: none */
	const char *title;	/* their heading */
	const char *done;	/* "retired": for rows and the summary */
	bool retired;		/* rooms, tags and globs bring retired servers too */
	bool confirms;		/* asks before it begins, or needs -y */

	/* Takes the verb's own words from the operands: what is left are targets. May be NULL. */
	int (*words)(void *ctx, struct edit *edit, char ***operands, size_t *count,
		     struct err *err);
	/* Before the transaction, once all servers are known. May be NULL. */
	int (*prepare)(void *ctx, struct edit *edit, struct err *err);
	/* To one server: 1 and *fields (bits of import_field, may stay 0) when that changed it,
	 * 0, -1. */
	int (*apply)(void *ctx, struct edit *edit, const struct server *server, unsigned *fields,
		     struct err *err);
	/* After all of them, in the same transaction. May be NULL. */
	int (*settle)(void *ctx, struct edit *edit, struct err *err);
};

/* The main of such a verb; ctx has the values of verb->opts. Returns the exit status. */
int edit_main(const struct edit_verb *verb, void *ctx, int argc, char **argv);

/* For settle: what was left in rooms is numbered anew. */
int edit_close_ranks(void *ctx, struct edit *edit, struct err *err);

/* Asks on the terminal; without one, or when the answer is no: status 2 and 5. */
int edit_confirm(const struct edit *edit, const char *question, struct err *err);

/* The columns of what verbs report, and one such row. */
#define EDIT_COLUMNS 3
extern const struct out_column edit_columns[EDIT_COLUMNS];
void edit_row(struct out *out, const char *id, const char *action, unsigned fields);

#endif
