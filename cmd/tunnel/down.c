#include <stdlib.h>

#include "cmd/tunnel/tunnel.h"
#include "lib/base/opt.h"
#include "lib/wire/route.h"

#define COMMAND "mroom tunnel down"

struct down_opts {
	bool yes, stale;
};

static const struct opt down_table[] = {
    {.letter = 'y',
     .name = "yes",
     .type = OPT_FLAG,
     .offset = offsetof(struct down_opts, yes),
     .help = "also while tools use it"},
    {.name = "stale",
     .type = OPT_FLAG,
     .offset = offsetof(struct down_opts, stale),
     .help = "clear up after keepers that were killed (all, unless named)"},
    {.type = OPT_END},
};

static int take_down(const struct home *home, const char *name, const struct down_opts *opts,
		     struct err *err)
{
	struct buf reason = BUF_INIT;
	enum route_state state;
	long users;
	int result = 0;

	state = route_ask(home, name, ROUTE_QUERY, &reason, &users);
	if (state != ROUTE_DOWN && users && !opts->yes)
		result = err_set(err, STATUS_POLICY,
				 "tunnel %s is used by %ld tool%s (take it down all the same: -y)",
				 name, users, users == 1 ? "" : "s");
	else if (state == ROUTE_DOWN)
		result = stale_clear(home, name, err) < 0 ? -1 : 0;
	else
		result = route_drop(home, name, err);
	buf_finish(&reason);
	return result;
}

static int take_all_down(struct console *console, char **names, size_t count,
			 const struct down_opts *opts, struct err *err)
{
	if (opts->stale)
		return stale_clear_all(&console->home, names, count, err);
	if (!count)
		return err_set(err, STATUS_USAGE, "no tunnel named");
	for (size_t i = 0; i < count; i++) {
		struct tunnel tunnel = TUNNEL_INIT;
		int result = store_tunnel_need(console->store, names[i], &tunnel, err);

		tunnel_finish(&tunnel);
		if (result || take_down(&console->home, names[i], opts, err))
			return -1;
	}
	return 0;
}

int tunnel_down(int argc, char **argv)
{
	static const char *const examples[] = {"mroom tunnel down prod-vpn",
					       "mroom tunnel down --stale", NULL};
	struct console console = CONSOLE_INIT;
	struct down_opts opts = {.yes = false};
	const struct opt_group groups[] = {{NULL, down_table, &opts}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "[NAME...]",
	    .about = "Takes tunnels down; routes and DNS are as before.",
	    .operand_complete = "tunnels",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return STATUS_OK;
	case OPT_BAD:
		break;
	case OPT_RUN:
		if (!console_open(&console, &err))
			result = take_all_down(&console, argv + operands, (size_t)(argc - operands),
					       &opts, &err);
		console_close(&console);
		break;
	}
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
