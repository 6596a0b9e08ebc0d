#include "lib/wire/run_settings.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/wire/hop.h"
#include "lib/wire/sshhosts.h"

static const char *console_user(void)
{
	const struct passwd *entry = getpwuid(geteuid());

	return entry ? entry->pw_name : "root";
}

/* Whether somebody set it: it is not the default. */
static bool chosen(const struct config *config, const char *section, const char *key)
{
	return strcmp(config_source(config, section, key), "default") != 0;
}

static enum speaker chosen_speaker(const char *word)
{
	static const char *const words[] = {"auto", "libssh2", "openssh", "local"};

	for (enum speaker speaker = SPEAKER_AUTO; speaker <= SPEAKER_LOCAL; speaker++)
		if (!strcmp(word, words[speaker]))
			return speaker;
	return SPEAKER_AUTO;
}

/* A jump host may be a server that the console knows. */
static int find_server(void *ctx, const char *id, struct server *server, struct err *err)
{
	const struct console *console = ctx;

	return store_server_get(console->store, id, server, err);
}

static int find_hop(void *ctx, const char *tunnel, struct server *host, struct err *err)
{
	return hop_find(ctx, tunnel, host, err);
}

static int find_hop_password(void *ctx, const char *tunnel, struct buf *password, struct err *err)
{
	return hop_password(ctx, tunnel, password, err);
}

void run_settings(struct console *console, const struct run_args *args,
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
	/* What nobody chose is ssh_config's to say. */
	fleet->host_key_chosen = args->host_key || chosen(config, "ssh", "host_key");
	fleet->timeout_chosen = args->connect_timeout_ms || chosen(config, "ssh", "connect_timeout");
	fleet->jump = args->jump;
	fleet->find = find_server;
	fleet->hop = find_hop;
	fleet->hop_password = find_hop_password;
	fleet->find_ctx = console;
	fleet->speaker = chosen_speaker(config_text(config, "ssh", "transport"));
	fleet->steps = args->debug || config_bool(config, "log", "debug");
	fleet->notes = args->verbose > 0 || fleet->steps;
	fleet->no_tunnel = args->no_tunnel;
	fleet->home = &console->home;
}

struct sshhosts *run_hosts(struct console *console, const struct run_args *args, struct err *err)
{
	char *own = home_path(&console->home, "known_hosts");
	struct sshhosts *hosts = sshhosts_open(own, args->ssh_config, err);

	free(own);
	return hosts;
}
