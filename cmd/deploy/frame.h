/*
 * What the verbs of mroom deploy that go to servers share: options, console, rows, who we are, and
 * the exit status. A verb has a struct frame among its own, describes itself, and does its work
 * between the opening and the end.
 */
#ifndef MROOM_DEPLOY_FRAME_H
#define MROOM_DEPLOY_FRAME_H

#include <stdbool.h>

#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"
#include "lib/wire/deed.h"
#include "lib/wire/run.h"

struct frame {
	struct pick_args targets;
	struct run_args run_args;
	struct out_args form;
	struct console console;
	struct out *out;
	char who[300];	    /* for leases: "user@host, process N" */
	bool locked;	    /* another deployment held a server */
	struct err trouble; /* with the store or the output */
};

struct frame_spec {
	const char *command; /* "mroom deploy config" */
	const char *args, *about, *complete;
	const char *const *examples;
	const char *title; /* of its own options; NULL: it has none */
	const struct opt *opts;
	void *into;
	bool local; /* no server is asked: no options for connections */
	bool retries; /* --retries is among those */
	const struct out_column *columns;
	size_t column_count;
	/* With console and rows open; the exit status, err set when there is something to say. */
	int (*go)(void *ctx, char **operands, size_t count, struct err *err);
	void *ctx;
};

/* The whole of a verb: the status to exit with. The frame is zero before, but for what was set as
 * arguments. */
int frame_main(struct frame *frame, const struct frame_spec *spec, int argc, char **argv);

/* The settings of [deploy] for what was not asked for: retries, servers at once. */
void frame_pace(struct frame *frame);

/* All targets at once, in the order in which they are handed out. */
int frame_collect(struct frame *frame, char **operands, size_t count, struct list *ids,
		  struct err *err);

/* Does it to these operands, and to the targets of the frame unless `named`. */
int frame_deed(struct frame *frame, const struct deed *deed, void *ctx, const char *command,
	       bool named, char **operands, size_t count, struct err *err);

/* What ended with the status of a refused lease is skipped: true then. */
bool frame_locked(struct frame *frame, int exit_status, struct verdict *verdict);

#endif
