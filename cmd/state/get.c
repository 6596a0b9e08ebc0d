/* mroom state get, has: what is remembered. */
#include <stdio.h>
#include <unistd.h>

#include "cmd/state/state.h"
#include "lib/base/quote.h"
#include "lib/room/state_value.h"
#include "lib/room/store_state.h"

struct get_args {
	const char *otherwise;
};

static const struct opt get_opts[] = {
    {.name = "default",
     .type = OPT_TEXT,
     .offset = offsetof(struct get_args, otherwise),
     .arg = "VALUE",
     .help = "what to print where nothing is remembered"},
    {.type = OPT_END},
};

enum { ID, VALUE, COLUMNS };
static const struct out_column columns[COLUMNS] = {
    [ID] = {.name = "id", .type = OUT_TEXT},
    [VALUE] = {.name = "value", .type = OUT_RAW},
};

static void print_bare(const char *json)
{
	struct buf text = BUF_INIT, shown = BUF_INIT;

	state_value_bare(json, &text);
	buf_char(&text, '\n');
	/* It may be what a server said. */
	if (isatty(STDOUT_FILENO))
		quote_terminal_lines(&shown, text.at, text.len);
	else
		buf_add(&shown, text.at, text.len);
	fwrite(shown.at, 1, shown.len, stdout);
	buf_finish(&shown);
	buf_finish(&text);
}

/* One server's value, as JSON; `otherwise` where there is none: 1, 0, -1. */
static int find_value(struct call *call, const char *id, const char *otherwise, struct buf *json,
		      struct err *err)
{
	int found;

	buf_clear(json);
	found = store_state_get(call->console.store, id, call->operands[0], json, err);
	if (found || !otherwise)
		return found;
	return state_value_read(otherwise, false, json, err) ? -1 : 1;
}

static int print_values(struct call *call, const char *otherwise, struct err *err)
{
	bool bare = !call->many && !call->form.form && !call->form.json && !call->form.columns;
	struct buf json = BUF_INIT;
	struct buf text = BUF_INIT;
	int result = STATE_NO;

	if (!bare && call_rows(call, columns, COLUMNS, err))
		return -1;
	for (size_t i = 0; i < call->ids.count; i++) {
		int found = find_value(call, call->ids.at[i], otherwise, &json, err);

		if (found < 0) {
			result = -1;
			break;
		}
		if (!found)
			continue;
		result = STATUS_OK;
		if (bare) {
			print_bare(json.at);
		} else {
			const char *values[COLUMNS] = {call->ids.at[i],
						       call_value(call, json.at, &text)};

			out_row(call->out, values);
		}
	}
	buf_finish(&json);
	buf_finish(&text);
	return result;
}

int state_get(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct get_args args = {.otherwise = NULL};
	static const char *const examples[] = {
	    "mroom state get web-01 health_check.disk_usage",
	    "mroom state get -w @production config_version",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Value", get_opts, &args},
	    {"Targets", pick_opts, &call.targets},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = "mroom state get",
	    .args = "ID KEY | -w TARGETS KEY",
	    .about =
		"Prints a value: bare for one server, as records for many. Exits 1 without one.",
	    .operand_complete = "targets? keys",
	    .groups = groups,
	    .group_count = 3,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1) {
		result = call_servers(&call, &err) || call_expect(&call, 1, 1, "one KEY", &err)
			     ? -1
			     : print_values(&call, args.otherwise, &err);
	}
	return call_end(&call, spec.command, result, &err);
}

/* Prints which of many servers have it; says so of one by the status alone. */
static int print_having(struct call *call, struct err *err)
{
	static const struct out_column only_id[] = {{.name = "id", .type = OUT_TEXT}};
	struct buf json = BUF_INIT;
	int result = STATE_NO;

	if (call->many && call_rows(call, only_id, 1, err))
		return -1;
	for (size_t i = 0; i < call->ids.count; i++) {
		int found = find_value(call, call->ids.at[i], NULL, &json, err);

		if (found < 0) {
			result = -1;
			break;
		}
		if (!found || !state_value_true(json.at))
			continue;
		result = STATUS_OK;
		if (call->many)
			out_row(call->out, (const char *const[]){call->ids.at[i]});
	}
	buf_finish(&json);
	return result;
}

int state_has(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	static const char *const examples[] = {
	    "mroom state has web-01 docker_installed && echo yes",
	    "mroom state has -a docker_installed | mroom exec -- docker ps",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &call.targets},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = "mroom state has",
	    .args = "ID KEY | -w TARGETS KEY",
	    .about = "Tells by its status whether a value is there, and neither false, null, 0 nor "
		     "empty;\nof many servers it prints the ids of those that have it.",
	    .operand_complete = "targets? keys",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1) {
		result = call_servers(&call, &err) || call_expect(&call, 1, 1, "one KEY", &err)
			     ? -1
			     : print_having(&call, &err);
	}
	return call_end(&call, spec.command, result, &err);
}
