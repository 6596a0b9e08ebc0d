#include "cmd/inventory/inventory.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"

#define COMMAND "mroom inventory ls"

struct ls_args {
	bool retired;
};

static const struct opt ls_opts[] = {
    {.name = "retired",
     .type = OPT_FLAG,
     .offset = offsetof(struct ls_args, retired),
     .help = "retired servers too"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom inventory ls @production",
    "mroom inventory ls --columns id,host,tunnel 'web*'",
    "mroom inventory ls --json | jq -r .host",
    NULL,
};

static int list_server(void *ctx, const struct server *server, struct err *err)
{
	struct row row;

	(void)err;
	row_fill(&row, server);
	out_row(ctx, row.values);
	return 0;
}

/* Hands every server that was picked to `out`. */
static int list_picked(struct store *store, const struct pick_args *args, char **operands,
		       size_t count, struct out *out, struct err *err)
{
	struct pick *pick =
	    pick_create(store, args, operands, count, PICK_SHOW, list_server, out, err);
	int result = pick ? pick_all(pick, err) : -1;

	pick_destroy(pick);
	return result;
}

int inventory_ls(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct pick_args picked = {.all = false};
	struct out_args form = {.form = NULL};
	struct ls_args args = {.retired = false};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &picked},
	    {"Listing", ls_opts, &args},
	    {"Output", out_opts, &form},
	};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "[TARGETS]",
	    .about = "Lists servers: those named, or all that are not retired.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 3,
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
	picked.retired = args.retired;
	if (picked.list && !form.columns)
		form.columns = "id";
	if (console_open(&console, &err))
		goto out;
	out = out_create(stdout, &form, row_columns, ROW_COLUMNS, &err);
	if (!out)
		goto out;
	result = list_picked(console.store, &picked, argv + operands, (size_t)(argc - operands),
			     out, &err);
out:
	if (out_finish(out, result ? NULL : &err))
		result = -1;
	console_close(&console);
	pick_args_finish(&picked);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
