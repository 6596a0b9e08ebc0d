/* mroom log list: the runs. */
#include <stdio.h>

#include "cmd/log/log.h"

struct list_args {
	const char *tool;
	bool failed;
};

static const struct opt list_opts[] = {
    {.name = "tool",
     .type = OPT_TEXT,
     .offset = offsetof(struct list_args, tool),
     .arg = "TOOL",
     .help = "only runs of this tool: exec, health, ..."},
    {.name = "failed",
     .type = OPT_FLAG,
     .offset = offsetof(struct list_args, failed),
     .help = "only runs that did not end with status 0"},
    {.type = OPT_END},
};

enum { RUN, TOOL, COMMAND, USER, STARTED, SECONDS, STATUS, SERVERS, OK, COLUMNS };
static const struct out_column columns[COLUMNS] = {
    [RUN] = {.name = "run", .type = OUT_INT},
    [TOOL] = {.name = "tool", .type = OUT_TEXT},
    [COMMAND] = {.name = "command", .type = OUT_TEXT},
    [USER] = {.name = "user", .type = OUT_TEXT},
    [STARTED] = {.name = "started", .type = OUT_TEXT},
    [SECONDS] = {.name = "seconds", .type = OUT_REAL},
    [STATUS] = {.name = "status", .type = OUT_INT},
    [SERVERS] = {.name = "servers", .type = OUT_INT},
    [OK] = {.name = "ok", .type = OUT_INT},
};

static int print_run(void *ctx, const struct run_info *info, struct err *err)
{
	struct call *call = ctx;
	struct buf started = BUF_INIT;
	char run[24], seconds[32], status[16], servers[24], ok[24];
	const char *values[COLUMNS] = {
	    [RUN] = run,	 [TOOL] = info->tool, [COMMAND] = info->command,
	    [USER] = info->user, [SERVERS] = servers, [OK] = ok};

	(void)err;
	call_moment(call, &started, info->started_at);
	values[STARTED] = started.at;
	snprintf(run, sizeof(run), "%lld", (long long)info->run);
	snprintf(servers, sizeof(servers), "%lld", (long long)info->servers);
	snprintf(ok, sizeof(ok), "%lld", (long long)info->ok);
	if (info->ended_at >= 0) { /* else it runs, or was killed */
		snprintf(seconds, sizeof(seconds), "%.3f",
			 (double)(info->ended_at - info->started_at) / 1000.0);
		snprintf(status, sizeof(status), "%d", info->exit_status);
		values[SECONDS] = seconds;
		values[STATUS] = status;
	}
	out_row(call->out, values);
	buf_finish(&started);
	return 0;
}

int log_list(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct list_args args = {.tool = NULL};
	static const char *const examples[] = {
	    "mroom log list -n 10",
	    "mroom log list --tool exec --failed --since 7d",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Runs", log_since_opts, &call},
	    {"Which", list_opts, &args},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = "mroom log list",
	    .args = "",
	    .about = "Lists runs, the newest first.",
	    .groups = groups,
	    .group_count = 3,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1) {
		const struct run_query query = {.tool = args.tool,
						.since = call.since,
						.not_ok = args.failed,
						.limit = call.limit};

		result = call_expect(&call, 0, 0, "no operands", &err) ||
				 call_rows(&call, columns, COLUMNS, &err)
			     ? -1
			     : store_run_each(call.console.store, &query, print_run, &call, &err);
	}
	return call_end(&call, spec.command, result, &err);
}
