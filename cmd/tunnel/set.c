#include "cmd/tunnel/tunnel.h"
#include "lib/base/opt.h"

#define COMMAND "mroom tunnel set"

static const char *const examples[] = {
    "mroom tunnel set prod-vpn psk",
    "mroom tunnel set prod-vpn keep=yes probe=10.0.0.1:22",
    "pass show vpn/psk | mroom tunnel set prod-vpn psk --value-file -",
    "mroom tunnel set prod-vpn probe=",
    NULL,
};

static int set(struct console *console, char **operands, size_t count,
	       const struct assign_args *args, struct err *err)
{
	struct tunnel tunnel = TUNNEL_INIT;
	char *driver = NULL;
	int result = -1;

	if (count < 2)
		return err_set(err, STATUS_USAGE, "expected NAME [KEY=VALUE...] [KEY...]");
	if (store_tunnel_need(console->store, operands[0], &tunnel, err) ||
	    assign_fields(&tunnel, args, operands + 1, count - 1, err))
		goto out;
	driver = tunnel_driver_find(&console->home, tunnel.type, err);
	/* A tunnel of a roster may wait for its driver; a type given now must have one. */
	for (size_t i = 1; i < count && !driver; i++)
		if (!strncmp(operands[i], "type=", 5))
			goto out;
	result = store_tunnel_put(console->store, console->box, &tunnel, err);
out:
	free(driver);
	tunnel_finish(&tunnel);
	return result;
}

int tunnel_set(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct assign_args args = {.file = NULL};
	const struct opt_group groups[] = {{"Profile", assign_opts, &args}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "NAME [KEY=VALUE...] [KEY...]",
	    .about =
		"Changes fields of a tunnel: KEY=VALUE sets, KEY= removes, KEY alone is asked for.",
	    .operand_complete = "tunnels -",
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
			result =
			    set(&console, argv + operands, (size_t)(argc - operands), &args, &err);
		console_close(&console);
		break;
	}
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
