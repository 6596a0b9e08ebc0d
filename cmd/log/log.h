/* The verbs of mroom log, a few to a file, and what they share. */
#ifndef MROOM_CMD_LOG_H
#define MROOM_CMD_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/room/console.h"
#include "lib/room/store_journal.h"

int log_list(int argc, char **argv);
int log_show(int argc, char **argv);
int log_failed(int argc, char **argv);
int log_servers(int argc, char **argv);
int log_slow(int argc, char **argv);
int log_tail(int argc, char **argv);
int log_diff(int argc, char **argv);
int log_export(int argc, char **argv);
int log_prune(int argc, char **argv);

/* What a verb works with; which of the options it has, its table says. */
struct call {
	struct console console;
	struct out_args form;
	struct out *out;
	char **operands;
	size_t count;
	const char *since_text;
	int64_t since; /* 0: from the beginning */
	long limit;    /* 0: all */
};

/* Options that several verbs have; their values go to the call. */
extern const struct opt log_since_opts[]; /* --since WHEN, -n N */

/* Parses the options and opens the console: 1 go on; 0 help was shown; -1. */
int call_begin(struct call *call, const struct opt_spec *spec, int argc, char **argv,
	       struct err *err);
int call_rows(struct call *call, const struct out_column *columns, size_t count, struct err *err);
/* Releases, reports: the exit status. result: -1 is an error, else it is the status. */
int call_end(struct call *call, const char *command, int result, struct err *err);
int call_expect(const struct call *call, size_t min, size_t max, const char *what, struct err *err);

/* The number of a run: "12", "last", "~1" (the one before it); NULL is the last. */
int call_run(struct call *call, const char *text, int64_t *run, struct err *err);

/* The columns of a server's result, with those of its run. */
enum {
	RESULT_ID,
	RESULT_RUN,
	RESULT_TOOL,
	RESULT_STARTED,
	RESULT_OUTCOME,
	RESULT_STATUS,
	RESULT_SECONDS,
	RESULT_REASON,
	RESULT_MESSAGE,
	RESULT_COMMAND,
	RESULT_USER,
	RESULT_COLUMNS
};
extern const struct out_column result_columns[RESULT_COLUMNS];
/* A result_fn whose ctx is the call. */
int call_result(void *ctx, const struct result_info *info, struct err *err);

/* A moment as a row shows it: for people in their time zone, for programs in UTC. */
void call_moment(const struct call *call, struct buf *text, int64_t ms);

#endif
