#include "lib/wire/hop.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/store_tunnel.h"

bool hop_is(const struct tunnel *tunnel)
{
	char *driver = tunnel_driver_name(tunnel->type);
	bool is = !strcmp(driver, "ssh") && !tunnel_has(tunnel, "routes") &&
		  !tunnel_has(tunnel, "socks");

	free(driver);
	return is;
}

static int fill(const struct tunnel *tunnel, struct server *host, struct err *err)
{
	int found;

	server_init(host);
	if (!tunnel->server || !*tunnel->server)
		return err_set(err, STATUS_USAGE,
			       "missing: server (give it: mroom tunnel set %s server=HOST)",
			       tunnel->name);
	found = server_parse_address(tunnel->server, host, err);
	if (found < 0 || (!found && server_check_host(tunnel->server, err))) {
		server_finish(host);
		return -1;
	}
	if (!found) {
		host->id = mem_text(tunnel->server);
		host->host = mem_text(tunnel->server);
	}
	if (tunnel->user && *tunnel->user) {
		free(host->user);
		host->user = mem_text(tunnel->user);
	}
	if (tunnel_value(tunnel, "identity_file"))
		host->key = mem_text(tunnel_value(tunnel, "identity_file"));
	return 1;
}

int hop_find(struct console *console, const char *tunnel, struct server *host, struct err *err)
{
	struct tunnel profile = TUNNEL_INIT;
	int result = store_tunnel_get(console->store, tunnel, &profile, err);

	if (result == 1)
		result = hop_is(&profile) ? fill(&profile, host, err) : 0;
	tunnel_finish(&profile);
	return result;
}

int hop_password(struct console *console, const char *tunnel, struct buf *password,
		 struct err *err)
{
	return secret_get(console->box, console->store, SECRET_TUNNEL_PASSWORD, tunnel, password,
			  err);
}
