/* mroom state unset, flag, unflag: several keys at once, on one server or many. */
#include "cmd/state/state.h"
#include "lib/room/store_state.h"

/* Gives every key of the operands this value on every server, in one transaction. */
static int put(struct call *call, const char *json, struct err *err)
{
	struct store *store = call->console.store;

	if (store_begin(store, err))
		return -1;
	for (size_t i = 0; i < call->ids.count; i++)
		for (size_t key = 0; key < call->count; key++)
			if (store_state_set(store, call->ids.at[i], call->operands[key], json,
					    STATE_BY, err)) {
				store_rollback(store);
				return -1;
			}
	return store_commit(store, err);
}

static int put_verb(int argc, char **argv, const char *command, const char *about,
		    const char *const *examples, const char *json)
{
	struct call call = {.console = CONSOLE_INIT};
	const struct opt_group groups[] = {{"Targets", pick_opts, &call.targets}};
	const struct opt_spec spec = {
	    .command = command,
	    .args = "ID KEY... | -w TARGETS KEY...",
	    .about = about,
	    .operand_complete = "targets? keys",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1) {
		result =
		    call_servers(&call, &err) || call_expect(&call, 1, (size_t)argc, "a KEY", &err)
			? -1
			: put(&call, json, &err);
	}
	return call_end(&call, command, result, &err);
}

int state_unset(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom state unset web-01 custom_port ports.1",
	    NULL,
	};

	return put_verb(argc, argv, "mroom state unset",
			"Forgets values; that one was never there is no error.", examples, NULL);
}

int state_flag(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom state flag web-01 docker_installed",
	    "mroom exec -w @production --pass -- test -e /usr/bin/python3 |\n"
	    "    mroom state flag -w - python3_installed",
	    NULL,
	};

	return put_verb(argc, argv, "mroom state flag", "Sets flags: the value is true.", examples,
			"true");
}

int state_unflag(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom state unflag web-01 docker_installed",
	    NULL,
	};

	return put_verb(argc, argv, "mroom state unflag", "Takes flags away.", examples, NULL);
}
