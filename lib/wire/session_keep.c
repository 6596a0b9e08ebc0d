/*
 * Sessions that stay open when their servers are done (a prompt): the fleet keeps them by id, and
 * the next time such a server is added it is ready at once. One that breaks meanwhile is forgotten,
 * and its server dialled again.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/session.h"

bool session_keepable(const struct session *session, bool politely)
{
	/* What was stopped may still have a channel that talks. */
	return session->fleet->kept && !session->fleet->let_go && politely && session->transport &&
	       session->phase == PHASE_RUN && !session->running && !session->stopping &&
	       !map_get(session->fleet->kept, session->server.id);
}

void session_keep(struct session *session)
{
	struct fleet *fleet = session->fleet;

	fleet_forget(fleet, session);
	session->prev = session->next = NULL;
	session->own = NULL;
	session->kept = true;
	map_set(fleet->kept, session->server.id, session);
}

void session_unkeep(struct session *session, bool politely)
{
	map_remove(session->fleet->kept, session->server.id);
	session->kept = false;
	session_release(session, politely);
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Whether the way to it, and the login there, are what they were. */
static bool same_server(const struct server *a, const struct server *b)
{
	return same(a->host, b->host) && a->port == b->port && same(a->user, b->user) &&
	       same(a->key, b->key) && same(a->tunnel, b->tunnel) && same(a->jump, b->jump);
}

/* A run of its own, as far as anybody can tell. */
static void resume(struct session *session)
{
	struct fleet *fleet = session->fleet;

	session->kept = session->closed = session->begun = false;
	session->exit_status = -1;
	session->started_ms = clock_wall_ms();
	session->started_mono = clock_mono_ms();
	session_trace(session, "still logged in");
	if (session_open(session))
		fleet->handler->ready(session->own, session);
}

bool fleet_resume(struct fleet *fleet, struct server *server)
{
	struct session *session = fleet->kept ? map_get(fleet->kept, server->id) : NULL;

	if (!session)
		return false;
	if (!same_server(&session->server, server)) {
		session_unkeep(session, true);
		return false;
	}
	map_remove(fleet->kept, server->id);
	server_finish(server);
	resume(session);
	return true;
}

void fleet_again(struct fleet *fleet)
{
	fleet->ended = fleet->told_idle = false;
	free(fleet->cancelled);
	fleet->cancelled = NULL;
	if (fleet->routes)
		routes_again(fleet->routes);
}

void fleet_lose_kept(struct fleet *fleet, const char *tunnel)
{
	const char *id;
	void *at;
	size_t next = 0;

	while (fleet->kept && map_next(fleet->kept, &next, &id, &at)) {
		struct session *session = at;

		if (!tunnel || same(session->server.tunnel, tunnel))
			session_unkeep(session, !tunnel);
	}
}
