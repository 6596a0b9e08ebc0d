/* Rosters come from anywhere: any bytes must parse into servers that pass the checks, or into
 * problems. */
#include "lib/room/roster.h"
#include "tests/fuzz/fuzz.h"

static void check_server(const struct roster *roster, const struct roster_server *entry)
{
	const struct server *server = &entry->server;
	bool known = !server->tunnel;

	must(!server_check_id(server->id, NULL));
	must(!server_check_host(server->host, NULL));
	must(!server_check_user(server->user, NULL));
	must(server->port >= 1 && server->port <= 65535);
	must(!server->key || *server->key == '/' || *server->key == '~');
	must(!entry->password || *entry->password);
	must(entry->line > 0);
	for (size_t i = 0; i < roster->tunnel_count; i++)
		known |= server->tunnel && !strcmp(server->tunnel, roster->tunnels[i].name);
	must(known);
}

/* One line each, of a size that can be read. */
static void check_problem(const char *text)
{
	must(!strncmp(text, "fuzz:", 5) && strlen(text) < 2048 && !strchr(text, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct roster *roster = roster_parse("fuzz", (const char *)bytes, count);

	for (size_t i = 0; i < roster->server_count; i++)
		check_server(roster, &roster->servers[i]);
	for (size_t i = 0; i < roster->tunnel_count; i++)
		must(tunnel_type(roster->tunnels[i].type) && *roster->tunnels[i].server);
	for (size_t i = 0; i < roster->problems.count; i++)
		check_problem(roster->problems.at[i]);
	roster_destroy(roster);
	return 0;
}
