/* mroom state sql: the store as an interface, read only. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/state/state.h"
#include "lib/base/mem.h"
#include "lib/room/store_sql.h"

struct query {
	struct call *call;
	struct list names;
	struct out_column *columns;
	const char **values;
	char **texts; /* what of a row has to be written anew for JSON */
};

static int open_rows(void *ctx, const char *const *names, size_t count, struct err *err)
{
	struct query *query = ctx;

	query->columns = mem_zero(count + 1, sizeof(*query->columns));
	query->values = mem_zero(count + 1, sizeof(*query->values));
	query->texts = mem_zero(count + 1, sizeof(*query->texts));
	for (size_t i = 0; i < count; i++) {
		list_add(&query->names, names[i]);
		query->columns[i] =
		    (struct out_column){.name = query->names.at[i], .type = OUT_RAW};
	}
	return call_rows(query->call, query->columns, count, err);
}

/* A text as a JSON string; NULL when it is not UTF-8. */
static char *json_of(const char *text)
{
	json_t *string = json_string(text);
	char *json = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

	json_decref(string);
	return json;
}

static int print_row(void *ctx, const struct sql_cell *cells, size_t count, struct err *err)
{
	struct query *query = ctx;
	bool json = out_form(query->call->out) == OUT_JSON;

	(void)err;
	for (size_t i = 0; i < count; i++) {
		if (json && cells[i].text && cells[i].type == SQL_TEXT)
			query->texts[i] = json_of(cells[i].text);
		query->values[i] = query->texts[i] ? query->texts[i] : cells[i].text;
	}
	out_row(query->call->out, query->values);
	for (size_t i = 0; i < count; i++) {
		free(query->texts[i]);
		query->texts[i] = NULL;
	}
	return 0;
}

static int run_query(struct call *call, struct query *query, struct err *err)
{
	static const struct sql_reader reader = {open_rows, print_row};

	if (call_expect(call, 1, 1, "one statement, in quotes", err))
		return -1;
	return store_sql(call->console.store, call->operands[0], &reader, query, err);
}

int state_sql(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct query query = {.call = &call};
	static const char *const examples[] = {
	    "mroom state sql 'SELECT id, host FROM v_server WHERE room = \"production\"'",
	    "mroom state sql \"SELECT id FROM v_state WHERE key = 'ram_gb' AND text < 4\"",
	    "mroom state sql --json 'SELECT outcome, count(*) AS n FROM v_result GROUP BY outcome'",
	    NULL,
	};
	const struct opt_group groups[] = {{"Output", out_opts, &call.form}};
	const struct opt_spec spec = {
	    .command = "mroom state sql",
	    .args = "'SELECT ...'",
	    .about = "Reads the store: v_server, v_state, v_run, v_result. Nothing can be written.",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);
	int status;

	if (result == 1)
		result = run_query(&call, &query, &err);
	status = call_end(&call, spec.command, result, &err);
	list_finish(&query.names);
	free(query.columns);
	free(query.values);
	free(query.texts);
	return status;
}
