#include "cmd/tunnel/tunnel.h"
#include "lib/base/num.h"
#include "lib/base/opt.h"
#include "lib/flow/out.h"

#define COMMAND "mroom tunnel log"

struct log_opts {
	long limit;
};

static const struct opt log_table[] = {
    {.letter = 'n',
     .name = "last",
     .type = OPT_INT,
     .offset = offsetof(struct log_opts, limit),
     .arg = "N",
     .help = "how many of the newest events (default 100)",
     .min = 1,
     .max = 1000000},
    {.type = OPT_END},
};

enum { NAME, AT, STATE, REASON, COLUMNS };

static const struct out_column columns[COLUMNS] = {
    [NAME] = {"tunnel", OUT_TEXT, false},
    [AT] = {"at", OUT_TEXT, false},
    [STATE] = {"state", OUT_TEXT, false},
    [REASON] = {"reason", OUT_TEXT, false},
};

static void print_event(void *ctx, const struct tunnel_event *event)
{
	struct buf at = BUF_INIT;

	clock_show(&at, event->at);
	out_row(ctx, (const char *const[COLUMNS]){
			 [NAME] = event->tunnel,
			 [AT] = at.at,
			 [STATE] = event->state,
			 [REASON] = *event->reason ? event->reason : NULL,
		     });
	buf_finish(&at);
}

int tunnel_log(int argc, char **argv)
{
	static const char *const examples[] = {"mroom tunnel log prod-vpn -n 10", NULL};
	struct console console = CONSOLE_INIT;
	struct log_opts opts = {.limit = 100};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{NULL, log_table, &opts}, {"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "[NAME]",
	    .about = "Shows what happened to a tunnel, or to all, oldest first.",
	    .operand_complete = "tunnels",
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
		return STATUS_OK;
	case OPT_BAD:
		goto out;
	case OPT_RUN:
		break;
	}
	if (argc - operands > 1) {
		err_set(&err, STATUS_USAGE, "expected one NAME, or none");
		goto out;
	}
	if (console_open(&console, &err))
		goto out;
	out = out_create(stdout, &form, columns, COLUMNS, &err);
	if (out)
		result = store_tunnel_events(console.store, argv[operands], opts.limit, print_event,
					     out, &err);
out:
	if (out_finish(out, result ? NULL : &err))
		result = -1;
	console_close(&console);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
