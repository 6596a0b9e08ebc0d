#include "cmd/inventory/inventory.h"
#include "lib/base/quote.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"

#define COMMAND "mroom inventory show"

struct show {
	struct out *out;
	size_t count;
};

static const char *const examples[] = {
    "mroom inventory show web-01",
    "mroom inventory show web-01 --json",
    NULL,
};

/* A server as one block, a field a line: tables of eleven columns do not fit a terminal. */
static void print_block(const struct out *out, const char *const *values)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < ROW_COLUMNS; i++) {
		const char *value = values[i] ? values[i] : "";

		if (!out_wants(out, i))
			continue;
		if (row_columns[i].type == OUT_BOOL)
			value = strcmp(value, "1") ? "no" : "yes";
		buf_format(&text, *value ? "%-11s  " : "%s", row_columns[i].name);
		quote_terminal(&text, value, strlen(value), false);
		buf_char(&text, '\n');
	}
	fwrite(text.at, 1, text.len, stdout);
	buf_finish(&text);
}

static int show_server(void *ctx, const struct server *server, struct err *err)
{
	struct show *show = ctx;
	struct row row;

	(void)err;
	row_fill(&row, server);
	if (out_form(show->out) != OUT_TABLE) {
		out_row(show->out, row.values);
		return 0;
	}
	if (show->count++)
		putchar('\n');
	print_block(show->out, row.values);
	return 0;
}

static int show_picked(struct store *store, const struct pick_args *args, char **operands,
		       size_t count, struct out *out, struct err *err)
{
	struct show show = {out, 0};
	struct pick *pick =
	    pick_create(store, args, operands, count, PICK_SHOW, show_server, &show, err);
	int result = pick ? pick_all(pick, err) : -1;

	pick_destroy(pick);
	return result;
}

int inventory_show(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct pick_args picked = {.all = false};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &picked},
	    {"Output", out_opts, &form},
	};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "ID...",
	    .about = "Shows all that is known of servers, passwords excepted.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	struct out *out = NULL;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		result = 0;
		goto out;
	case OPT_BAD:
		goto out;
	case OPT_RUN:
		break;
	}
	if (picked.list && !form.columns)
		form.columns = "id";
	if (console_open(&console, &err))
		goto out;
	out = out_create(stdout, &form, row_columns, ROW_COLUMNS, &err);
	if (!out)
		goto out;
	result = show_picked(console.store, &picked, argv + operands, (size_t)(argc - operands),
			     out, &err);
out:
	if (out_finish(out, result ? NULL : &err))
		result = -1;
	console_close(&console);
	pick_args_finish(&picked);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
