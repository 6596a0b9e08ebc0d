/* mroom state ls, dump: everything that is remembered, to look at or to load again. */
#include "cmd/state/state.h"
#include "lib/room/state_key.h"
#include "lib/room/store_state.h"

struct ls_args {
	const char *key;
};

static const struct opt ls_opts[] = {
    {.letter = 'K',
     .name = "key",
     .type = OPT_TEXT,
     .offset = offsetof(struct ls_args, key),
     .arg = "KEY",
     .help = "this key alone",
     .complete = "keys"},
    {.type = OPT_END},
};

enum { ID, KEY, VALUE, CHANGED, BY, COLUMNS };
static const struct out_column columns[COLUMNS] = {
    [ID] = {.name = "id", .type = OUT_TEXT},	  [KEY] = {.name = "key", .type = OUT_TEXT},
    [VALUE] = {.name = "value", .type = OUT_RAW}, [CHANGED] = {.name = "changed", .type = OUT_TEXT},
    [BY] = {.name = "by", .type = OUT_TEXT},
};

struct listing {
	struct call *call;
	bool loadable; /* values as JSON whatever the form */
	struct buf value, changed;
};

static int print_row(void *ctx, const struct state_row *row, struct err *err)
{
	struct listing *listing = ctx;
	const char *values[COLUMNS] = {
	    [ID] = row->id,
	    [KEY] = row->key,
	    [VALUE] = listing->loadable ? row->json
					: call_value(listing->call, row->json, &listing->value),
	    [BY] = row->changed_by,
	};

	(void)err;
	if (out_wants(listing->call->out, CHANGED)) {
		call_moment(listing->call, &listing->changed, row->changed_at);
		values[CHANGED] = listing->changed.at;
	}
	out_row(listing->call->out, values);
	return 0;
}

/* All in one walk when no server is named: that is far quicker than asking one by one. */
static int print_all(struct call *call, const char *key, bool loadable, struct err *err)
{
	struct listing listing = {call, loadable, BUF_INIT, BUF_INIT};
	struct store *store = call->console.store;
	int result = 0;

	if (!call->many && !call->count && !call->targets.exclude.count && !call->targets.list)
		result = store_state_each(store, NULL, key, print_row, &listing, err);
	else if (call_pick(call, 0, PICK_SHOW, err) || store_read(store, err))
		result = -1;
	for (size_t i = 0; i < call->ids.count && !result; i++)
		result = store_state_each(store, call->ids.at[i], key, print_row, &listing, err);
	store_rollback(store);
	buf_finish(&listing.value);
	buf_finish(&listing.changed);
	return result;
}

static int check_key(const char *text, struct err *err)
{
	struct state_key key;
	int result;

	if (!text)
		return 0;
	result = state_key_parse(&key, text, err);
	if (!result && key.path.count)
		result =
		    err_set(err, STATUS_USAGE, "--key: '%s' is a path; ls takes whole keys", text);
	state_key_finish(&key);
	return result;
}

static int list_verb(int argc, char **argv, bool loadable, const char *command, const char *about,
		     const char *const *examples)
{
	struct call call = {.console = CONSOLE_INIT};
	struct ls_args args = {.key = NULL};
	const struct opt_group groups[] = {
	    {"What", ls_opts, &args},
	    {"Targets", pick_opts, &call.targets},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = command,
	    .args = "[TARGETS]",
	    .about = about,
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 3,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1 && loadable && !call.form.columns)
		call.form.columns = "id,key,value";
	if (result == 1 && loadable && !call.form.form)
		call.form.form = "tsv";
	if (result == 1) {
		result = check_key(args.key, &err) ||
			 (!call.targets.list && call_rows(&call, columns, COLUMNS, &err))
			     ? -1
			     : print_all(&call, args.key, loadable, &err);
	}
	return call_end(&call, command, result, &err);
}

int state_ls(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom state ls web-01",
	    "mroom state ls --key docker_installed @production",
	    NULL,
	};

	return list_verb(argc, argv, false, "mroom state ls",
			 "Lists what is remembered about servers, or about all of them.", examples);
}

int state_dump(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom state dump > state.tsv",
	    "mroom state dump web-01 | sed 's/^web-01/web-02/' | mroom state load",
	    NULL,
	};

	return list_verb(argc, argv, true, "mroom state dump",
			 "Prints id, key and value, as JSON, for mroom state load.", examples);
}
