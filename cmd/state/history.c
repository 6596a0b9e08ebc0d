/* mroom state history: who changed what, when, from what. */
#include "cmd/state/state.h"
#include "lib/base/num.h"
#include "lib/base/when.h"
#include "lib/room/store_history.h"

struct history_args {
	const char *since;
};

static const struct opt history_opts[] = {
    {.name = "since",
     .type = OPT_TEXT,
     .offset = offsetof(struct history_args, since),
     .arg = "WHEN",
     .help = "nothing older: 2h, 7d, 2026-11-23, 2026-11-23T08:34:52Z"},
    {.type = OPT_END},
};

enum { ID, KEY, OLD, VALUE, CHANGED, BY, USER, COLUMNS };
static const struct out_column columns[COLUMNS] = {
    [ID] = {.name = "id", .type = OUT_TEXT},	       [KEY] = {.name = "key", .type = OUT_TEXT},
    [OLD] = {.name = "old", .type = OUT_RAW},	       [VALUE] = {.name = "value", .type = OUT_RAW},
    [CHANGED] = {.name = "changed", .type = OUT_TEXT}, [BY] = {.name = "by", .type = OUT_TEXT},
    [USER] = {.name = "user", .type = OUT_TEXT},
};

static int print_change(void *ctx, const struct history_row *row, struct err *err)
{
	struct call *call = ctx;
	struct buf old = BUF_INIT;
	struct buf value = BUF_INIT;
	struct buf changed = BUF_INIT;

	(void)err;
	call_moment(call, &changed, row->changed_at);
	const char *values[COLUMNS] = {row->id,
				       row->key,
				       call_value(call, row->old, &old),
				       call_value(call, row->value, &value),
				       changed.at,
				       row->changed_by,
				       row->user};

	out_row(call->out, values);
	buf_finish(&old);
	buf_finish(&value);
	buf_finish(&changed);
	return 0;
}

/* The operands, which need not be servers any more: a history outlives them. */
static int print_history(struct call *call, const char *since_text, struct err *err)
{
	const char *id = call->count ? call->operands[0] : NULL;
	const char *key = call->count > 1 ? call->operands[1] : NULL;
	int64_t since = 0;

	if (call_expect(call, 0, 2, "an ID and perhaps a KEY", err) ||
	    (since_text && when_parse(since_text, clock_wall_ms(), &since, err)) ||
	    call_rows(call, columns, COLUMNS, err))
		return -1;
	if (store_history_each(call->console.store, id, key, since, print_change, call, err))
		return -1;
	if (id)
		out_none(call->out, key ? "no change of that state of" : "no change of a state of",
			 id);
	return 0;
}

int state_history(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct history_args args = {.since = NULL};
	static const char *const examples[] = {
	    "mroom state history web-01",
	    "mroom state history web-01 config_version",
	    "mroom state history --since 2h",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"What", history_opts, &args},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = "mroom state history",
	    .args = "[ID [KEY]]",
	    .about = "Tells who changed what, when, and from what; oldest first.",
	    .operand_complete = "servers keys",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = print_history(&call, args.since, &err);
	return call_end(&call, spec.command, result, &err);
}
