#include <stdlib.h>

#include "cmd/tunnel/tunnel.h"
#include "lib/base/io.h"
#include "lib/base/opt.h"
#include "lib/wire/route.h"

#define COMMAND "mroom tunnel rm"

static const char *const examples[] = {"mroom tunnel rm old-vpn", NULL};

/* Whoever removed the profile of one that is up, or not cleared up after, could not take it down any more. */
static int check_down(const struct home *home, const char *name, struct err *err)
{
	struct buf reason = BUF_INIT;
	char *dir = route_tunnel_dir(home, name);
	long users;
	int result = 0;

	if (route_ask(home, name, ROUTE_QUERY, &reason, &users) != ROUTE_DOWN || io_is_dir(dir))
		result = err_set(err, STATUS_POLICY,
				 "tunnel %s is not down (first: mroom tunnel down %s)", name, name);
	free(dir);
	buf_finish(&reason);
	return result;
}

static int rm(struct console *console, char **names, size_t count, struct err *err)
{
	if (!count)
		return err_set(err, STATUS_USAGE, "no tunnel named");
	for (size_t i = 0; i < count; i++) {
		struct tunnel tunnel = TUNNEL_INIT;
		int result = store_tunnel_need(console->store, names[i], &tunnel, err);

		if (!result)
			result = check_down(&console->home, names[i], err);
		if (!result && store_tunnel_remove(console->store, &tunnel, err))
			result = err_prefix(err, "%s", names[i]);
		tunnel_finish(&tunnel);
		if (result)
			return -1;
	}
	return 0;
}

int tunnel_rm(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "NAME...",
	    .about = "Removes profiles with their secrets; not while servers stand behind them.",
	    .operand_complete = "tunnels",
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
			result = rm(&console, argv + operands, (size_t)(argc - operands), &err);
		console_close(&console);
		break;
	}
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
