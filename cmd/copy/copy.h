/* mroom copy: files to and from servers. put.c and get.c are its verbs, report.c tells how it went.
 */
#ifndef MROOM_COPY_COPY_H
#define MROOM_COPY_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/room/pick.h"
#include "lib/wire/passing.h"
#include "lib/wire/run.h"
#include "lib/wire/transfer.h"

struct copy_args {
	const char *owner, *mode;
	bool backup, quick, check, delete, diff, sftp;
	int64_t rate;
	const char *pass;
};

/* What every verb is made of; each is filled by the option tables. */
struct copy {
	const char *command; /* "mroom copy put" */
	bool sync;
	struct copy_args args;
	struct pick_args targets;
	struct run_args run_args;
	struct out_args form;
	struct passing passing;
	struct console console;
	struct run *run;
	struct out *out;
	struct transfer_put *put; /* NULL: it is a get */
	struct transfer_get *get;
	int64_t progress_since, progress_from; /* when it was first shown (0: not yet), and at how much */
};

int copy_put(int argc, char **argv);
int copy_get(int argc, char **argv);
int copy_sync(int argc, char **argv);

/* common.c: a verb, from its command line to its exit status; `go` is called with the console open
 * and a line for the journal, and returns a status. */
typedef int copy_verb(struct copy *copy, char **operands, size_t count, const char *line,
		      struct err *err);
int copy_main(struct copy *copy, const struct opt_spec *spec, copy_verb *go, int argc, char **argv);
/* Makes copy->run; then it runs: the exit status, told in a summary. */
int copy_run_create(struct copy *copy, const char *line, const struct fleet_handler *handler,
		    void *transfer, struct err *err);
int copy_run_go(struct copy *copy, struct err *err);
/* Whether the options can be had together over SFTP. */
int check_sftp(const struct copy *copy, struct err *err);

/* report.c: rows go to standard output; the form must be known before the run. */
int report_open(struct copy *copy, bool get, struct err *err);
/* A server of a put or sync is done. */
void report_put(void *ctx, const struct server *server, const struct transfer_report *report,
		const struct result *result);
void report_got(void *ctx, const struct server *server, const struct transfer_got *got,
		const struct result *result);
int report_close(struct copy *copy, struct err *err);

/* diff.c: what changes on a server, as text. */
void diff_server(struct copy *copy, const char *id, const struct transfer_report *report);
/* The word for it: create, change, adjust, replace. */
const char *report_word(enum plan_what what);

/* progress.c: bytes, rate and time left, for run_progress. */
void progress_say(void *ctx, struct buf *to);

/* sources.c: the tree of what is to be copied, and how the target is meant. */
int sources_read(struct copy *copy, char **operands, size_t count, bool sync, struct tree *tree,
		 struct transfer_put_args *args, char **name, struct err *err);

#endif
