/* mroom state schedule: when servers are due, entered and shown. */
#include "cmd/state/state.h"
#include "lib/base/num.h"
#include "lib/room/state_key.h"
#include "lib/room/store_schedule.h"

struct schedule_args {
	int64_t in, every; /* in: -1 where it was not given */
	bool clear;
};

static const struct opt schedule_opts[] = {
    {.name = "in",
     .type = OPT_TIME,
     .offset = offsetof(struct schedule_args, in),
     .arg = "TIME",
     .help = "due after this time: 30m, 1h, 2d (default: now)"},
    {.name = "every",
     .type = OPT_TIME,
     .offset = offsetof(struct schedule_args, every),
     .arg = "TIME",
     .help = "and again this long after each time"},
    {.name = "clear",
     .type = OPT_FLAG,
     .offset = offsetof(struct schedule_args, clear),
     .help = "remove the entries: the servers are due"},
    {.type = OPT_END},
};

enum { ID, KEY, DUE, EVERY, COLUMNS };
static const struct out_column columns[COLUMNS] = {
    [ID] = {.name = "id", .type = OUT_TEXT},
    [KEY] = {.name = "key", .type = OUT_TEXT},
    [DUE] = {.name = "due", .type = OUT_TEXT},
    [EVERY] = {.name = "every", .type = OUT_REAL},
};

static int print_entry(void *ctx, const struct schedule_row *row, struct err *err)
{
	struct call *call = ctx;
	struct buf due = BUF_INIT;
	struct buf every = BUF_INIT;
	bool people = out_form(call->out) == OUT_TABLE;

	(void)err;
	if (row->due_at != SCHEDULE_NEVER)
		call_moment(call, &due, row->due_at);
	if (row->every && people)
		num_show_duration(&every, row->every);
	else if (row->every)
		buf_format(&every, "%.3f", (double)row->every / 1000.0);
	const char *values[COLUMNS] = {row->id, row->key, due.len ? due.at : NULL,
				       every.len ? every.at : NULL};

	out_row(call->out, values);
	buf_finish(&due);
	buf_finish(&every);
	return 0;
}

static int enter(struct call *call, const struct schedule_args *args, struct err *err)
{
	struct store *store = call->console.store;
	struct schedule_row row = {NULL, call->operands[0],
				   clock_wall_ms() + (args->in > 0 ? args->in : 0), args->every};
	int result = store_begin(store, err);

	for (size_t i = 0; i < call->ids.count && !result; i++) {
		row.id = call->ids.at[i];
		result = args->clear ? store_schedule_clear(store, row.id, row.key, err)
				     : store_schedule_set(store, &row, err);
	}
	if (!result)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

static int schedule(struct call *call, const struct schedule_args *args, struct err *err)
{
	struct state_key key = STATE_KEY_INIT;
	int result = -1;

	if (call->count && state_key_parse(&key, call->operands[0], err))
		goto out;
	if (args->clear && (args->in >= 0 || args->every)) {
		err_set(err, STATUS_USAGE, "--clear removes what --in and --every would enter");
	} else if (call->targets.list) {
		call_pick(call, call->count ? 1 : 0, PICK_ACT, err);
	} else if (args->in >= 0 || args->every || args->clear) {
		if (!call->count)
			err_set(err, STATUS_USAGE, "expected a KEY, such as backup");
		else if (!call_pick(call, 1, PICK_ACT, err))
			result = enter(call, args, err);
	} else if (!call_expect(call, 0, 1, "a KEY (and --in or --every to enter one)", err) &&
		   !call_rows(call, columns, COLUMNS, err)) {
		result = store_schedule_each(call->console.store, key.name, print_entry, call, err);
	}
out:
	state_key_finish(&key);
	return result;
}

int state_schedule(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct schedule_args args = {.in = -1};
	static const char *const examples[] = {
	    "mroom state schedule backup --in 1h --every 1d -w @production",
	    "mroom state schedule",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Schedule", schedule_opts, &args},
	    {"Targets", pick_opts, &call.targets},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = "mroom state schedule",
	    .args = "[KEY [TARGETS]]",
	    .about = "Enters when servers are due for KEY; without --in and --every shows the "
		     "entries.",
	    .operand_complete = "keys targets",
	    .groups = groups,
	    .group_count = 3,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = schedule(&call, &args, &err);
	return call_end(&call, spec.command, result, &err);
}
