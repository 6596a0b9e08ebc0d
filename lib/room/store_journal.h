/* The journal as it is read: runs, what came of each server, what changed from one run to another.
 */
#ifndef MROOM_ROOM_STORE_JOURNAL_H
#define MROOM_ROOM_STORE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/room/store.h"

/* Valid during the call of a walk. Times are ms since the epoch, durations ms; -1: not known. */
struct run_info {
	int64_t run;
	const char *tool, *command, *user;
	int64_t started_at, ended_at;
	int exit_status;
	int64_t servers, ok; /* how many, and how many of them ended well */
};

struct run_query {
	int64_t run;	  /* this one alone; 0: any */
	const char *tool; /* NULL: any */
	int64_t since;	  /* started no earlier */
	bool not_ok;	  /* only runs that did not exit with 0 */
	int64_t limit;	  /* so many of the newest; 0: all */
};

/* Newest first. As store_state_each. */
typedef int run_fn(void *ctx, const struct run_info *info, struct err *err);
int store_run_each(struct store *store, const struct run_query *query, run_fn *fn, void *ctx,
		   struct err *err);
/* The last run (back 0), the one before (1) ...: 1, 0 when there are not so many, -1. */
int store_run_back(struct store *store, int64_t back, int64_t *run, struct err *err);
/* The oldest run since `since` that has not ended, or else the number after the last: 0, -1. */
int store_run_open(struct store *store, int64_t since, int64_t *run, struct err *err);

struct result_info {
	int64_t run;
	const char *tool, *command, *user; /* of the run */
	struct result_row row;
};

enum result_order {
	RESULT_AS_ENDED,     /* by run, then the time at which it ended */
	RESULT_NEWEST_FIRST, /* by run, the newest first */
	RESULT_NEWEST_LAST,  /* as ended, but a limit leaves the newest */
	RESULT_SLOWEST_FIRST
};

struct result_query {
	int64_t run;	    /* 0: any */
	int64_t from;	    /* runs from this one on; 0: all */
	const char *server; /* NULL: any */
	int64_t since;	    /* of runs started no earlier */
	bool not_ok;
	enum result_order order;
	int64_t limit; /* 0: all */
};

typedef int result_fn(void *ctx, const struct result_info *info, struct err *err);
int store_result_each(struct store *store, const struct result_query *query, result_fn *fn,
		      void *ctx, struct err *err);

/* A server whose outcome, exit status or output differs between two runs. */
struct result_change {
	const char *server;
	const char *before, *after;	   /* outcomes; NULL: not in that run */
	int status_before, status_after;   /* -1: none */
	bool output_known, output_changed; /* as far as hashes of both are there */
};
typedef int change_fn(void *ctx, const struct result_change *change, struct err *err);
int store_result_diff(struct store *store, int64_t before, int64_t after, change_fn *fn, void *ctx,
		      struct err *err);

/* A run that began longer ago and has no end never had one: it was killed. */
#define RUN_OPEN_MOST_MS ((int64_t)7 * 86400 * 1000)
/* Forgets runs that started before `before` and are over, with results and output: *runs of them. */
int store_run_prune(struct store *store, int64_t before, int64_t *runs, struct err *err);

#endif
