/* mroom state due, done: a scheduler made of a pipe and cron. */
#include "cmd/state/state.h"
#include "lib/base/map.h"
#include "lib/base/num.h"
#include "lib/room/state_key.h"
#include "lib/room/store_schedule.h"

enum { ID, KEY, SINCE, COLUMNS };
static const struct out_column columns[COLUMNS] = {
    [ID] = {.name = "id", .type = OUT_TEXT},
    [KEY] = {.name = "key", .type = OUT_TEXT},
    [SINCE] = {.name = "since", .type = OUT_TEXT},
};

struct listing {
	struct call *call;
	struct map *wanted; /* ids; NULL: all */
};

static int print_due(void *ctx, const struct schedule_row *row, struct err *err)
{
	struct listing *listing = ctx;
	struct buf since = BUF_INIT;

	(void)err;
	if (listing->wanted && !map_get(listing->wanted, row->id))
		return 0;
	if (row->due_at != SCHEDULE_NEVER && out_wants(listing->call->out, SINCE))
		call_moment(listing->call, &since, row->due_at);
	const char *values[COLUMNS] = {row->id, row->key, since.len ? since.at : NULL};

	out_row(listing->call->out, values);
	buf_finish(&since);
	return 0;
}

/* The servers that were named, if any were. */
static int find_wanted(struct listing *listing, struct err *err)
{
	struct call *call = listing->call;

	if (!call->many && call->count < 2 && !call->targets.exclude.count && !call->targets.list)
		return 0;
	if (call_pick(call, call->count ? 1 : 0, PICK_SHOW, err))
		return -1;
	listing->wanted = map_create();
	for (size_t i = 0; i < call->ids.count; i++)
		map_mark(listing->wanted, call->ids.at[i]);
	return 0;
}

/* One key, or all that have entries. */
static int find_keys(struct call *call, struct list *keys, struct err *err)
{
	struct state_key key;
	int result;

	if (!call->count)
		return store_schedule_keys(call->console.store, keys, err);
	list_add(keys, call->operands[0]);
	result = state_key_parse(&key, call->operands[0], err);
	state_key_finish(&key);
	return result;
}

static int due(struct call *call, struct err *err)
{
	struct listing listing = {call, NULL};
	struct list keys = LIST_INIT;
	int64_t now = clock_wall_ms();
	int result = -1;

	/* Ids alone, ready for a pipe, where one key is asked about. */
	if (call->count && !call->form.columns)
		call->form.columns = "id";
	if (find_keys(call, &keys, err) || find_wanted(&listing, err) ||
	    call_rows(call, columns, COLUMNS, err))
		goto out;
	result = 0;
	for (size_t i = 0; i < keys.count && !result; i++)
		result = store_schedule_due(call->console.store, keys.at[i], now, print_due,
					    &listing, err);
out:
	map_destroy(listing.wanted);
	list_finish(&keys);
	return result;
}

int state_due(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	static const char *const examples[] = {
	    "mroom state due backup | mroom exec --pass -- backup.sh | mroom state done backup",
	    "mroom state due backup @production",
	    "mroom state due",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &call.targets},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = "mroom state due",
	    .args = "[KEY [TARGETS]]",
	    .about =
		"Prints the ids that are due for KEY; one without an entry is. Without KEY: for "
		"all keys.",
	    .operand_complete = "keys targets",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = due(&call, &err);
	return call_end(&call, spec.command, result, &err);
}

struct done_args {
	int64_t every;
};

static const struct opt done_opts[] = {
    {.name = "every",
     .type = OPT_TIME,
     .offset = offsetof(struct done_args, every),
     .arg = "TIME",
     .help = "due again this long after each time"},
    {.type = OPT_END},
};

static int done(struct call *call, int64_t every, struct err *err)
{
	struct store *store = call->console.store;
	struct state_key key = STATE_KEY_INIT;
	int result;

	if (!call->count)
		return err_set(err, STATUS_USAGE, "expected a KEY, such as backup");
	result = state_key_parse(&key, call->operands[0], err);
	state_key_finish(&key);
	if (result || call_pick(call, 1, PICK_ACT, err) || store_begin(store, err))
		return -1;
	for (size_t i = 0; i < call->ids.count && !result; i++)
		result = store_schedule_done(store, call->ids.at[i], call->operands[0], every,
					     clock_wall_ms(), err);
	if (!result)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

int state_done(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct done_args args = {.every = 0};
	static const char *const examples[] = {
	    "mroom state due backup | mroom exec --pass -- backup.sh | mroom state done backup",
	    "mroom state done backup web-01 --every 1d",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Schedule", done_opts, &args},
	    {"Targets", pick_opts, &call.targets},
	};
	const struct opt_spec spec = {
	    .command = "mroom state done",
	    .args = "KEY [TARGETS]",
	    .about = "Notes that it was done: due again after the entry's period, or never.",
	    .operand_complete = "keys targets",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = done(&call, args.every, &err);
	return call_end(&call, spec.command, result, &err);
}
