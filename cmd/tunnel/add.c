#include <unistd.h>

#include "cmd/tunnel/tunnel.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"

#define COMMAND "mroom tunnel add"

static const char *const examples[] = {
    "mroom tunnel add prod-vpn ikev2 server=vpn.example user=ops password",
    "mroom tunnel add lab wireguard server=203.0.113.7:51820 address=10.7.0.2/24 "
    "peer_public=... routes=10.7.0.0/24 private_key",
    NULL,
};

static int add(struct console *console, char **operands, size_t count,
	       const struct assign_args *args, struct err *err)
{
	struct tunnel tunnel = TUNNEL_INIT, known = TUNNEL_INIT;
	char *driver = NULL;
	int result = -1;
	int found;

	if (count < 2) {
		err_set(err, STATUS_USAGE, "expected NAME TYPE [KEY=VALUE...] [KEY...]");
		goto out;
	}
	tunnel.name = mem_text(operands[0]);
	tunnel.type = mem_text(operands[1]);
	tunnel.server = mem_text("");
	tunnel.user = mem_text("");
	if (server_check_name("tunnel", tunnel.name, err))
		goto out;
	driver = tunnel_driver_find(&console->home, tunnel.type, err);
	if (!driver)
		goto out;
	found = store_tunnel_get(console->store, tunnel.name, &known, err);
	if (found == 1)
		err_set(err, STATUS_USAGE, "tunnel %s exists (change it: mroom tunnel set %s ...)",
			tunnel.name, tunnel.name);
	if (found || assign_fields(&tunnel, args, operands + 2, count - 2, err))
		goto out;
	result = store_tunnel_put(console->store, console->box, &tunnel, err);
out:
	free(driver);
	tunnel_finish(&tunnel);
	tunnel_finish(&known);
	return result;
}

int tunnel_add(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct assign_args args = {.file = NULL};
	const struct opt_group groups[] = {{"Profile", assign_opts, &args}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "NAME TYPE [KEY=VALUE...] [KEY...]",
	    .operand_complete = "- drivers -",
	    .about = "Adds a tunnel's profile; a field without a value is asked for.",
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
			    add(&console, argv + operands, (size_t)(argc - operands), &args, &err);
		console_close(&console);
		break;
	}
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
