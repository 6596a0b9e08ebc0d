#include <stdio.h>
#include <string.h>

#include "cmd/state/state.h"
#include "lib/base/num.h"
#include "lib/base/when.h"
#include "lib/room/state_value.h"

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
	call->many = call->targets.where.count || call->targets.rooms.count || call->targets.all ||
		     call->targets.index;
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
	if (call->listed)
		result = STATUS_OK;
	console_close(&call->console);
	pick_args_finish(&call->targets);
	list_finish(&call->ids);
	return result < 0 ? err_report(err, command) : result;
}

static int take_server(void *ctx, const struct server *server, struct err *err)
{
	if (!server->row)
		return err_set(err, STATUS_USAGE,
			       "%s is an address: only servers of the inventory have state",
			       server->id);
	list_add(ctx, server->id);
	return 0;
}

int call_pick(struct call *call, size_t first, enum pick_mode mode, struct err *err)
{
	char **operands = call->operands + first;
	size_t count = call->count - first;
	struct pick *pick;
	int result;

	if (call->targets.list) {
		call->listed = !pick_list(call->console.store, &call->targets, operands, count, mode,
					  err);
		return -1;
	}
	pick = pick_create(call->console.store, &call->targets, operands, count, mode, take_server,
			   &call->ids, err);
	result = pick ? pick_all(pick, err) : -1;
	pick_destroy(pick);
	return result;
}

/* The operand that names one server. */
static int take_operand(struct call *call, struct err *err)
{
	const char *id = call->operands[0];
	struct server server;
	int found = store_server_get(call->console.store, id, &server, err);

	if (found < 0)
		return -1;
	if (found) {
		list_add(&call->ids, server.id);
		server_finish(&server);
	} else if (call->targets.list) {
		return call_pick(call, 0, PICK_ACT, err);
	} else {
		/* What there is to say about a word that is no id, pick knows. */
		size_t count = call->count;

		call->count = 1;
		if (call_pick(call, 0, PICK_ACT, err))
			return -1;
		call->count = count;
		return err_set(err, STATUS_USAGE,
			       "'%s' is not the id of one server (name many with -w)", id);
	}
	call->operands++;
	call->count--;
	if (!call->targets.list)
		return 0;
	printf("%s\n", call->ids.at[0]);
	call->listed = true;
	return -1;
}

int call_servers(struct call *call, struct err *err)
{
	if (call->many) {
		struct call only = *call;
		int result;

		only.count = 0;
		result = call_pick(&only, 0, PICK_ACT, err);
		call->ids = only.ids;
		call->listed = only.listed;
		return result;
	}
	if (!call->count)
		return err_set(err, STATUS_USAGE, "no server named (an ID first, or -w TARGETS)");
	return take_operand(call, err);
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

void call_moment(const struct call *call, struct buf *text, int64_t ms)
{
	buf_clear(text);
	if (out_form(call->out) == OUT_TABLE)
		clock_show(text, ms);
	else
		when_stamp(text, ms);
}

const char *call_value(const struct call *call, const char *json, struct buf *text)
{
	if (!json || out_form(call->out) == OUT_JSON)
		return json;
	buf_clear(text);
	state_value_bare(json, text);
	return text->at;
}
