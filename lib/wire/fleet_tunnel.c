/* Servers behind tunnels: they wait until theirs is up, and lose their way when it dies. */
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/session.h"

static void parked_add(struct fleet *fleet, struct server *server)
{
	fleet->parked = mem_resize(fleet->parked, fleet->parked_count + 1, sizeof(*fleet->parked));
	fleet->parked[fleet->parked_count++] = *server;
}

/* Ends a server that was never dialled. Takes it over. */
static void refuse(struct fleet *fleet, struct server *server, enum outcome outcome,
		   const char *reason, const char *message)
{
	struct result result = {outcome, reason, message, -1, clock_wall_ms(), 0, false};

	if (fleet->handler->closed)
		fleet->handler->closed(fleet->ctx, NULL, server, &result);
	server_finish(server);
}

static char *trouble(struct fleet *fleet, const char *tunnel)
{
	const char *reason;

	routes_want(fleet->routes, tunnel, &reason);
	return mem_format("tunnel %s: %s", tunnel, reason);
}

bool fleet_tunnel_takes(struct fleet *fleet, struct server *server)
{
	struct err err = ERR_INIT;
	char *text;

	if (!server->tunnel || fleet->args.no_tunnel)
		return false;
	switch (bastions_hop(fleet->bastions, server->tunnel, NULL, &err)) {
	case 0:
		break;
	case 1:
		return false;
	default:
		text = mem_format("tunnel %s: %s", server->tunnel, err.text);
		refuse(fleet, server, OUTCOME_UNREACHABLE, "tunnel", text);
		free(text);
		return true;
	}
	if (!fleet->routes)
		fleet->routes =
		    routes_create(fleet->loop, fleet->args.home, fleet_tunnel_changed, fleet);
	switch (routes_want(fleet->routes, server->tunnel, NULL)) {
	case ROUTE_UP:
		return false;
	case ROUTE_CONNECTING:
		parked_add(fleet, server);
		return true;
	default:
		text = trouble(fleet, server->tunnel);
		refuse(fleet, server, OUTCOME_UNREACHABLE, "tunnel", text);
		free(text);
		return true;
	}
}

static bool behind(const struct server *server, const char *tunnel)
{
	return server->tunnel && !strcmp(server->tunnel, tunnel);
}

/* Sessions through a tunnel that is gone would hang until somebody noticed. */
static void lose(struct fleet *fleet, const char *tunnel)
{
	struct session *session, *next;
	char *text = trouble(fleet, tunnel);
	char *running = mem_format("%s; how the command ended is not known", text);

	for (session = fleet->active; session; session = next) {
		next = session->next;
		if (behind(&session->server, tunnel))
			session_close(session, OUTCOME_UNREACHABLE, "tunnel",
				      session->running ? running : text, false);
	}
	fleet_lose_kept(fleet, tunnel);
	free(running);
	free(text);
}

void fleet_tunnel_changed(void *ctx, const char *tunnel, enum route_state state)
{
	struct fleet *fleet = ctx;
	struct server *parked = fleet->parked;
	size_t count = fleet->parked_count;

	if (state != ROUTE_UP)
		lose(fleet, tunnel);
	fleet->parked = NULL;
	fleet->parked_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (behind(&parked[i], tunnel))
			fleet_queue(fleet, &parked[i]);
		else
			parked_add(fleet, &parked[i]);
	}
	free(parked);
	fleet_fill_soon(fleet);
}

void fleet_tunnel_skip(struct fleet *fleet, const char *why)
{
	struct server *parked = fleet->parked;
	size_t count = fleet->parked_count;

	fleet->parked = NULL;
	fleet->parked_count = 0;
	for (size_t i = 0; i < count; i++)
		refuse(fleet, &parked[i], OUTCOME_SKIPPED, "cancelled", why);
	free(parked);
}

void fleet_tunnel_close(struct fleet *fleet)
{
	if (fleet->routes)
		routes_close(fleet->routes);
}

void fleet_tunnel_finish(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->parked_count; i++)
		server_finish(&fleet->parked[i]);
	free(fleet->parked);
	routes_destroy(fleet->routes);
}
