/* mroom state set: one value on one server or many, all of them or none. */
#include <stdio.h>
#include <string.h>

#include "cmd/state/state.h"
#include "lib/room/state_input.h"
#include "lib/room/state_value.h"
#include "lib/room/store_state.h"

struct set_args {
	bool text, if_absent;
	const char *expect;
};

static const struct opt set_opts[] = {
    {.name = "text",
     .type = OPT_FLAG,
     .offset = offsetof(struct set_args, text),
     .help = "the value is a text, whatever it looks like"},
    {.name = "if-absent",
     .type = OPT_FLAG,
     .offset = offsetof(struct set_args, if_absent),
     .help = "only where nothing is remembered"},
    {.name = "if",
     .type = OPT_TEXT,
     .offset = offsetof(struct set_args, expect),
     .arg = "VALUE",
     .help = "only where exactly this is remembered"},
    {.type = OPT_END},
};

struct setting {
	struct call *call;
	const struct set_args *args;
	const char *key;
	struct buf expect; /* JSON, with --if */
	struct list own;   /* ids that were set: whoever came first is told which are its own */
	bool some;	   /* were set */
};

/* Sets one server's value. */
static int set_one(struct setting *setting, const char *id, const char *json, struct err *err)
{
	struct store *store = setting->call->console.store;
	bool condition = setting->args->if_absent || setting->args->expect;
	int set;

	if (condition)
		set = store_state_swap(store, id, setting->key,
				       setting->args->expect ? setting->expect.at : NULL, json,
				       STATE_BY, err);
	else
		set = store_state_set(store, id, setting->key, json, STATE_BY, err) ? -1 : 1;
	if (set < 0)
		return -1;
	setting->some |= set;
	if (set && condition && setting->call->many)
		list_add(&setting->own, id);
	return 0;
}

static int set_record(void *ctx, const struct state_input *input, struct err *err)
{
	struct setting *setting = ctx;

	return set_one(setting, input->id, input->json, err);
}

/* Values come with the ids on standard input: "id TAB value". */
static int set_records(struct setting *setting, struct err *err)
{
	return state_input_load(&setting->call->console, "-", STATE_INPUT_VALUE, setting->args->text,
			  set_record, setting, err);
}

static int set_all(struct setting *setting, const char *value, struct err *err)
{
	struct call *call = setting->call;
	struct buf json = BUF_INIT;
	int result = state_value_read(value, setting->args->text, &json, err);

	for (size_t i = 0; i < call->ids.count && !result; i++)
		result = set_one(setting, call->ids.at[i], json.at, err);
	buf_finish(&json);
	return result;
}

/* The same value everywhere, in one transaction. */
static int set_everywhere(struct setting *setting, const char *value, struct err *err)
{
	struct store *store = setting->call->console.store;

	if (store_begin(store, err))
		return -1;
	if (set_all(setting, value, err)) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, err);
}

static int set_values(struct setting *setting, const char *value, struct err *err)
{
	static const struct out_column only_id[] = {{.name = "id", .type = OUT_TEXT}};

	if (setting->args->expect &&
	    state_value_read(setting->args->expect, false, &setting->expect, err))
		return err_prefix(err, "--if");
	if (setting->call->many && call_rows(setting->call, only_id, 1, err))
		return -1;
	if (value ? set_everywhere(setting, value, err) : set_records(setting, err))
		return -1;
	/* Only now are they: whoever reads this may act on it at once. */
	for (size_t i = 0; i < setting->own.count; i++)
		out_row(setting->call->out, (const char *const[]){setting->own.at[i]});
	return setting->some || !(setting->args->if_absent || setting->args->expect) ? STATUS_OK
										     : STATE_NO;
}

/* Whether standard input has the values too: -w - KEY. */
static bool records_wanted(const struct call *call)
{
	return call->targets.where.count == 1 && !strcmp(call->targets.where.at[0], "-") &&
	       !call->targets.rooms.count && !call->targets.all && !call->targets.list &&
	       call->count == 1;
}

static int set(struct call *call, const struct set_args *args, struct err *err)
{
	struct setting setting = {.call = call, .args = args, .expect = BUF_INIT};
	bool records = records_wanted(call);
	int result = -1;

	if (args->if_absent && args->expect)
		err_set(err, STATUS_USAGE, "--if-absent and --if exclude each other");
	else if (records && (call->targets.exclude.count || call->targets.index ||
			     call->targets.from || call->targets.to))
		err_set(err, STATUS_USAGE,
			"values on standard input are for the servers that it names: no -x, --index, "
			"--from or --to with them");
	else if (records ||
		 (!call_servers(call, err) && !call_expect(call, 2, 2, "KEY and VALUE", err))) {
		setting.key = call->operands[0];
		result = set_values(&setting, records ? NULL : call->operands[1], err);
	}
	buf_finish(&setting.expect);
	list_finish(&setting.own);
	return result;
}

int state_set(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct set_args args = {.text = false};
	static const char *const examples[] = {
	    "mroom state set web-01 config_version 2.1.0",
	    "mroom state set web-01 ports '[80, 443]'",
	    "mroom state set -w @production deployment_status completed",
	    "printf 'web-01\\t8080\\n' | mroom state set -w - custom_port",
	    "mroom state set web-01 lock \"$$\" --if-absent || echo taken",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Value", set_opts, &args},
	    {"Targets", pick_opts, &call.targets},
	};
	const struct opt_spec spec = {
	    .command = "mroom state set",
	    .args = "ID KEY VALUE | -w TARGETS KEY VALUE | -w - KEY",
	    .about = "Remembers a value: JSON, or a bare word. All servers get it, or none.",
	    .operand_complete = "targets? keys -",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = set(&call, &args, &err);
	return call_end(&call, spec.command, result, &err);
}
