/* mroom log tail: the newest results, and those to come. */
#include <stdlib.h>
#include <time.h>

#include "cmd/log/log.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

#define NEWEST 10
#define PAUSE_NS 300000000L

struct tail_args {
	bool follow;
};

static const struct opt tail_opts[] = {
    {.letter = 'f',
     .name = "follow",
     .type = OPT_FLAG,
     .offset = offsetof(struct tail_args, follow),
     .help = "go on with what comes, until interrupted"},
    {.type = OPT_END},
};

/* What was printed, or passed over, of the runs that are still open. */
struct tail {
	struct call *call;
	struct map *seen; /* "run server" */
	int64_t from;	  /* runs before this one are done with */
	bool silent;
};

static int take_result(void *ctx, const struct result_info *info, struct err *err)
{
	struct tail *tail = ctx;
	char *name = mem_format("%lld %s", (long long)info->run, info->row.server);
	bool fresh = map_mark(tail->seen, name);

	free(name);
	return fresh && !tail->silent ? call_result(tail->call, info, err) : 0;
}

/* Takes in what came since the last time. */
static int poll_results(struct tail *tail, struct err *err)
{
	struct store *store = tail->call->console.store;
	struct result_query query = {.from = tail->from};
	struct map *old = tail->seen;
	int64_t next;

	/* First the runs, then their results: what a run writes in between is seen now, or next
	 * time. */
	if (store_run_open(store, clock_wall_ms() - RUN_OPEN_MOST_MS, &next, err) ||
	    store_result_each(store, &query, take_result, tail, err))
		return -1;
	if (next > tail->from) {
		/* Marks of runs that ended are of no use; those of the others come again, silently.
		 */
		tail->seen = map_create();
		map_destroy(old);
		tail->from = next;
		tail->silent = true;
		query.from = next;
		if (store_result_each(store, &query, take_result, tail, err))
			return -1;
		tail->silent = false;
	}
	return out_flush(tail->call->out, err);
}

/* The newest so many, in the order in which they ended. */
static int print_newest(struct call *call, struct err *err)
{
	const struct result_query query = {.order = RESULT_NEWEST_LAST,
					   .limit = call->limit ? call->limit : NEWEST,
					   .since = call->since};

	return store_result_each(call->console.store, &query, call_result, call, err);
}

static int follow(struct tail *tail, struct err *err)
{
	const struct timespec pause = {0, PAUSE_NS};

	for (;;) {
		if (poll_results(tail, err))
			return -1;
		nanosleep(&pause, NULL);
	}
}

static int tail_run(struct call *call, bool following, struct err *err)
{
	struct tail tail = {.call = call, .silent = true};
	int result = -1;

	if (!call->form.columns)
		call->form.columns = "id,run,tool,outcome,status,seconds,message";
	if (following && !call->form.form)
		call->form.form = "tsv"; /* a table would wait for its end */
	if (call_expect(call, 0, 0, "no operands", err) ||
	    call_rows(call, result_columns, RESULT_COLUMNS, err))
		return -1;
	tail.seen = map_create();
	if (!following) {
		result = print_newest(call, err);
	} else if (!store_run_open(call->console.store, clock_wall_ms() - RUN_OPEN_MOST_MS, &tail.from,
				   err) &&
		   !poll_results(&tail, err)) {
		tail.silent = false;
		result = follow(&tail, err);
	}
	map_destroy(tail.seen);
	return result;
}

int log_tail(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct tail_args args = {.follow = false};
	static const char *const examples[] = {
	    "mroom log tail",
	    "mroom log tail -f | grep -v ok",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Results", log_since_opts, &call},
	    {"Tail", tail_opts, &args},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = "mroom log tail",
	    .args = "",
	    .about =
		"Prints the results of the newest runs; with -f those that come, as they come.",
	    .groups = groups,
	    .group_count = 3,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = tail_run(&call, args.follow, &err);
	return call_end(&call, spec.command, result, &err);
}
