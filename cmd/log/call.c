#include <stdio.h>
#include <string.h>

#include "cmd/log/log.h"
#include "lib/base/num.h"
#include "lib/base/when.h"

const struct opt log_since_opts[] = {
    {.name = "since",
     .type = OPT_TEXT,
     .offset = offsetof(struct call, since_text),
     .arg = "WHEN",
     .help = "only runs since then: 2h, 7d, 2026-11-23, 2026-11-23T08:34:52Z"},
    {.letter = 'n',
     .name = "limit",
     .type = OPT_INT,
     .offset = offsetof(struct call, limit),
     .arg = "N",
     .help = "at most so many"},
    {.type = OPT_END},
};

int call_begin(struct call *call, const struct opt_spec *spec, int argc, char **argv,
	       struct err *err)
{
	int operands;

	switch (opt_parse(spec, argc, argv, &operands, NULL, err)) {
	case OPT_SHOWN:
		return 0;
	case OPT_BAD:
		return -1;
	case OPT_RUN:
		break;
	}
	call->operands = argv + operands;
	call->count = (size_t)(argc - operands);
	if (call->since_text && when_parse(call->since_text, clock_wall_ms(), &call->since, err))
		return err_prefix(err, "--since");
	return console_open(&call->console, err) ? -1 : 1;
}

int call_rows(struct call *call, const struct out_column *columns, size_t count, struct err *err)
{
	call->out = out_create(stdout, &call->form, columns, count, err);
	return call->out ? 0 : -1;
}

int call_end(struct call *call, const char *command, int result, struct err *err)
{
	if (out_finish(call->out, result < 0 ? NULL : err))
		result = -1;
	console_close(&call->console);
	return result < 0 ? err_report(err, command) : result;
}

int call_expect(const struct call *call, size_t min, size_t max, const char *what, struct err *err)
{
	if (call->count < min)
		return err_set(err, STATUS_USAGE, "expected %s", what);
	if (call->count > max)
		return err_set(err, STATUS_USAGE, "unexpected argument '%s' (expected %s)",
			       call->operands[max], what);
	return 0;
}

/* A run by how far it is back: 1, 0, -1. */
static int run_back(struct call *call, const char *text, int64_t *run, struct err *err)
{
	long back = 0;

	if (text && *text == '~' && num_parse(text + 1, 0, 1000000000, &back, err))
		return -1;
	return store_run_back(call->console.store, back, run, err);
}

static int note_run(void *ctx, const struct run_info *info, struct err *err)
{
	(void)err;
	*(int64_t *)ctx = info->run;
	return 0;
}

int call_run(struct call *call, const char *text, int64_t *run, struct err *err)
{
	struct run_query query = {.run = 0};
	long number;
	int found;

	*run = 0;
	if (!text || !strcmp(text, "last") || *text == '~') {
		found = run_back(call, text, run, err);
		if (!found)
			return err_set(err, STATUS_USAGE, "the journal has %s",
				       text && *text == '~' ? "not so many runs" : "no run yet");
		return found < 0 ? -1 : 0;
	}
	if (num_parse(text, 1, 1000000000000L, &number, err))
		return err_set(err, STATUS_USAGE, "'%s' is no run (a number, last, ~1)", text);
	query.run = number;
	if (store_run_each(call->console.store, &query, note_run, run, err))
		return -1;
	if (!*run)
		return err_set(err, STATUS_USAGE, "no run %ld (see: mroom log list)", number);
	return 0;
}

void call_moment(const struct call *call, struct buf *text, int64_t ms)
{
	buf_clear(text);
	if (out_form(call->out) == OUT_TABLE)
		clock_show(text, ms);
	else
		when_stamp(text, ms);
}

const struct out_column result_columns[RESULT_COLUMNS] = {
    [RESULT_ID] = {.name = "id", .type = OUT_TEXT},
    [RESULT_RUN] = {.name = "run", .type = OUT_INT},
    [RESULT_TOOL] = {.name = "tool", .type = OUT_TEXT},
    [RESULT_STARTED] = {.name = "started", .type = OUT_TEXT},
    [RESULT_OUTCOME] = {.name = "outcome", .type = OUT_TEXT},
    [RESULT_STATUS] = {.name = "status", .type = OUT_INT},
    [RESULT_SECONDS] = {.name = "seconds", .type = OUT_REAL},
    [RESULT_REASON] = {.name = "reason", .type = OUT_TEXT},
    [RESULT_MESSAGE] = {.name = "message", .type = OUT_TEXT},
    [RESULT_COMMAND] = {.name = "command", .type = OUT_TEXT},
    [RESULT_USER] = {.name = "user", .type = OUT_TEXT},
};

int call_result(void *ctx, const struct result_info *info, struct err *err)
{
	struct call *call = ctx;
	struct buf started = BUF_INIT;
	char run[24], status[16], seconds[32];
	const char *values[RESULT_COLUMNS] = {
	    [RESULT_ID] = info->row.server,	  [RESULT_RUN] = run,
	    [RESULT_TOOL] = info->tool,		  [RESULT_OUTCOME] = info->row.outcome,
	    [RESULT_SECONDS] = seconds,		  [RESULT_REASON] = info->row.reason,
	    [RESULT_MESSAGE] = info->row.message, [RESULT_COMMAND] = info->command,
	    [RESULT_USER] = info->user,
	};

	(void)err;
	snprintf(run, sizeof(run), "%lld", (long long)info->run);
	snprintf(seconds, sizeof(seconds), "%.3f", (double)info->row.duration_ms / 1000.0);
	if (info->row.exit_status >= 0) {
		snprintf(status, sizeof(status), "%d", info->row.exit_status);
		values[RESULT_STATUS] = status;
	}
	if (out_wants(call->out, RESULT_STARTED)) {
		call_moment(call, &started, info->row.started_ms);
		values[RESULT_STARTED] = started.at;
	}
	out_row(call->out, values);
	buf_finish(&started);
	return 0;
}
