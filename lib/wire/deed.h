/*
 * A deed: one script of share/remote, run with its arguments on every server of a run, in one round
 * trip each. What it answers is collected whole and handed over when the server is done;
 * record_reader_create takes it apart. Tools whose answer is no stream of live lines are made of
 * deeds.
 */
#ifndef MROOM_WIRE_DEED_H
#define MROOM_WIRE_DEED_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"
#include "lib/wire/run.h"

/* What a server answered. Everything is valid during the call only. */
struct answer {
	const struct server *server;
	struct buf out, err; /* what the script printed, as far as it is kept */
	bool cut;	     /* more came than deed->limit */
};

/* A tool's own view of how a server ended, instead of the usual one. */
struct verdict {
	enum outcome outcome;
	const char *reason; /* a class; static text, or NULL */
	char message[512];  /* one line; "" for none */
};

struct deed {
	/* Its name in share/remote: "probe.sh"; of any size. Several make one: remote_script(). */
	const char *script;
	size_t limit;	    /* bytes kept of each stream; 0: 1 MiB */
	bool silent;	    /* no summary: one attempt of many */
	/* Appends the script's arguments for this server. NULL: it has none. -1 (err set): the server
	 * ends as failed with that message. */
	int (*args)(void *ctx, const struct server *server, struct list *args, struct err *err);
	/* Appends what the script reads on its standard input. NULL: nothing. -1 as above. */
	int (*input)(void *ctx, const struct server *server, struct buf *input, struct err *err);
	/* In place of input, for more than should be held: copies up to `room` bytes of it, from
	 * offset `at` on, and says which are the last. Each server reads at its own pace. */
	size_t (*feed)(void *ctx, const struct server *server, int64_t at, char *into, size_t room,
		       bool *end);
	/* Gets standard output as it comes, which is not kept then. NULL: it is kept. */
	void (*take)(void *ctx, const struct server *server, const char *bytes, size_t count);
	/* The script ended by itself with this exit status; may change the verdict, which is the
	 * usual one: ok, or failed with the last line that the script said on standard error. NULL:
	 * stays. */
	void (*judge)(void *ctx, const struct answer *answer, int exit_status,
		      struct verdict *verdict);
	/* The server is done, however it ended; answer holds what came until then. */
	void (*done)(void *ctx, const struct answer *answer, const struct result *result);
};

/* Who does it and to whom. */
struct deed_call {
	const char *tool;    /* "health" */
	const char *command; /* one line for the journal, without secrets */
	const struct run_args *run_args;
	const struct pick_args *targets;
	char **operands; /* further targets, or NULL */
	size_t operand_count;
};

/*
 * Does it to all targets, prints the summary to standard error, and returns the exit status; err is
 * set when there is something to say beyond the summary.
 */
int deed_go(struct console *console, const struct deed *deed, void *ctx,
	    const struct deed_call *call, struct err *err);

/*
 * The same to the same servers again and again, over sessions that stay open: what is going on is
 * the caller's to show, and no summary is printed. Only the first round is in the journal.
 * deed_open asks for passwords, if there are any to ask for.
 */
struct deed_rounds;
struct deed_rounds *deed_open(struct console *console, const struct deed *deed, void *ctx,
			      const struct deed_call *call, struct err *err);
/* One round, on the targets of the call or, unless NULL, these; the status. It turns the loop. */
int deed_round(struct deed_rounds *rounds, const struct pick_args *targets, struct err *err);
/* From within a round: it returns soon. */
void deed_cancel(struct deed_rounds *rounds);
/* For the caller's own handles, and to turn in between. */
uv_loop_t *deed_loop(struct deed_rounds *rounds);
void deed_close(struct deed_rounds *rounds); /* NULL is allowed */

/* The last line that is not blank, made visible: what a script that failed had to say. */
void deed_last_line(const struct buf *text, char *into, size_t room);

#endif
