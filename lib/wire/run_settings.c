#include "lib/wire/run_settings.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"

static const char *console_user(void)
{
	const struct passwd *entry = getpwuid(geteuid());

	return entry ? entry->pw_name : "root";
}

void run_settings(const struct console *console, const struct run_args *args,
		  struct fleet_args *fleet)
{
	const struct config *config = console->config;
	const char *user = config_text(config, "ssh", "user");
	const char *host_key = args->host_key ? args->host_key : config_text(config, "ssh", "host_key");

	memset(fleet, 0, sizeof(*fleet));
	fleet->fanout = args->fanout ? args->fanout : config_int(config, "exec", "fanout");
	fleet->handshakes = config_int(config, "ssh", "handshakes");
	fleet->connect_timeout_ms = args->connect_timeout_ms
					? args->connect_timeout_ms
					: config_time(config, "ssh", "connect_timeout");
	fleet->command_timeout_ms = args->command_timeout_ms ? args->command_timeout_ms
							     : config_time(config, "exec", "timeout");
	fleet->keepalive_ms = config_time(config, "ssh", "keepalive");
	fleet->user = args->user;
	fleet->default_user = *user ? user : console_user();
	fleet->port = args->port;
	fleet->default_port = config_int(config, "ssh", "port");
	fleet->accept_new = !strcmp(host_key, "accept-new");
	fleet->no_tunnel = args->no_tunnel;
}

struct knownhosts *run_known_hosts(struct console *console, struct err *err)
{
	char *own = home_path(&console->home, "known_hosts");
	char *user = io_expand_home("~/.ssh/known_hosts"), *user2 = io_expand_home("~/.ssh/known_hosts2");
	const char *others[] = {user, user2, "/etc/ssh/ssh_known_hosts", NULL};
	struct knownhosts *known = knownhosts_open(own, others, err);

	free(own);
	free(user);
	free(user2);
	return known;
}
