/* mroom state incr: counts, exactly, however many count at once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/state/state.h"
#include "lib/room/store_state.h"

enum { ID, VALUE, COLUMNS };
static const struct out_column columns[COLUMNS] = {
    [ID] = {.name = "id", .type = OUT_TEXT},
    [VALUE] = {.name = "value", .type = OUT_INT},
};

static int read_number(const char *text, int64_t *number, struct err *err)
{
	char *end;

	errno = 0;
	*number = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return err_set(err, STATUS_USAGE, "'%s' is not an integer", text);
	return 0;
}

/* Adds on every server, in one transaction, then prints what came of it. */
static int add(struct call *call, int64_t number, struct err *err)
{
	struct store *store = call->console.store;
	struct list sums = LIST_INIT;
	struct buf sum = BUF_INIT;
	int result = store_begin(store, err);

	for (size_t i = 0; i < call->ids.count && !result; i++) {
		buf_clear(&sum);
		if (store_state_add(store, call->ids.at[i], call->operands[0], number, STATE_BY,
				    &sum, err) < 0)
			result = -1;
		list_add(&sums, sum.at);
	}
	result = result ? -1 : store_commit(store, err);
	if (result)
		store_rollback(store);
	for (size_t i = 0; i < sums.count && !result; i++) {
		if (call->out)
			out_row(call->out, (const char *const[]){call->ids.at[i], sums.at[i]});
		else
			printf("%s\n", sums.at[i]);
	}
	buf_finish(&sum);
	list_finish(&sums);
	return result;
}

static int incr(struct call *call, struct err *err)
{
	bool rows = call->many || call->form.form || call->form.json || call->form.columns;
	int64_t number = 1;

	if (call_servers(call, err) || call_expect(call, 1, 2, "KEY and perhaps a number", err) ||
	    (call->count == 2 && read_number(call->operands[1], &number, err)) ||
	    (rows && call_rows(call, columns, COLUMNS, err)))
		return -1;
	return add(call, number, err);
}

int state_incr(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	static const char *const examples[] = {
	    "mroom state incr web-01 restarts",
	    "mroom state incr web-01 restarts -- -1",
	    "mroom log failed | mroom state incr -w - failures",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &call.targets},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = "mroom state incr",
	    .args = "ID KEY [N] | -w TARGETS KEY [N]",
	    .about = "Adds N (1) to an integer, where nothing counts as 0, and prints the sum.",
	    .operand_complete = "targets? keys -",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = incr(&call, &err);
	return call_end(&call, spec.command, result, &err);
}
