/* mroom log diff: what changed from one run to another. */
#include <stdio.h>

#include "cmd/log/log.h"

enum { ID, BEFORE, AFTER, STATUS_BEFORE, STATUS_AFTER, OUTPUT, COLUMNS };
static const struct out_column columns[COLUMNS] = {
    [ID] = {.name = "id", .type = OUT_TEXT},
    [BEFORE] = {.name = "before", .type = OUT_TEXT},
    [AFTER] = {.name = "after", .type = OUT_TEXT},
    [STATUS_BEFORE] = {.name = "status_before", .type = OUT_INT},
    [STATUS_AFTER] = {.name = "status_after", .type = OUT_INT},
    [OUTPUT] = {.name = "output", .type = OUT_TEXT},
};

struct comparison {
	struct call *call;
	size_t changes;
};

static const char *number(char *text, size_t size, int value)
{
	if (value < 0)
		return NULL;
	snprintf(text, size, "%d", value);
	return text;
}

static int print_change(void *ctx, const struct result_change *change, struct err *err)
{
	struct comparison *comparison = ctx;
	char before[16], after[16];
	const char *values[COLUMNS] = {
	    change->server,
	    change->before,
	    change->after,
	    number(before, sizeof(before), change->status_before),
	    number(after, sizeof(after), change->status_after),
	    !change->output_known    ? NULL
	    : change->output_changed ? "changed"
				     : "same",
	};

	(void)err;
	comparison->changes++;
	out_row(comparison->call->out, values);
	return 0;
}

/* RUN1 and RUN2; or RUN1 and the last; or the last two. */
static int diff(struct call *call, struct err *err)
{
	struct comparison comparison = {call, 0};
	int64_t before, after;

	if (call_expect(call, 0, 2, "RUN1 and RUN2", err) ||
	    call_run(call, call->count ? call->operands[0] : "~1", &before, err) ||
	    call_run(call, call->count > 1 ? call->operands[1] : NULL, &after, err) ||
	    call_rows(call, columns, COLUMNS, err) ||
	    store_result_diff(call->console.store, before, after, print_change, &comparison, err))
		return -1;
	return comparison.changes ? 1 : 0;
}

int log_diff(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	static const char *const examples[] = {
	    "mroom log diff",
	    "mroom log diff 12 15",
	    NULL,
	};
	const struct opt_group groups[] = {{"Output", out_opts, &call.form}};
	const struct opt_spec spec = {
	    .command = "mroom log diff",
	    .args = "[RUN1 [RUN2]]",
	    .operand_complete = "runs",
	    .about =
		"Prints the servers whose outcome, status or output changed; exits 1 when some "
		"did.",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = diff(&call, &err);
	return call_end(&call, spec.command, result, &err);
}
