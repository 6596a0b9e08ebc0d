#include "lib/wire/fleet.h"

#include <string.h>
#include <sys/resource.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/session.h"

#define SCRATCH_SIZE (64 * 1024)

/* All servers' receive windows together; each gets its share within the bounds. */
#define WINDOW_TOTAL (64 * 1024 * 1024)
#define WINDOW_MIN (64 * 1024)
#define WINDOW_MAX (2 * 1024 * 1024)

/* One file descriptor per server, and some for everything else. */
static void raise_file_limit(long fanout)
{
	struct rlimit limit;
	rlim_t want = (rlim_t)fanout * 2 + 256;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= want)
		return;
	limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > want ? want
										   : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static uint32_t window_share(long fanout)
{
	long share = WINDOW_TOTAL / fanout;

	return (uint32_t)(share < WINDOW_MIN ? WINDOW_MIN : share > WINDOW_MAX ? WINDOW_MAX : share);
}

struct fleet *fleet_create(uv_loop_t *loop, const struct fleet_args *args,
			   const struct fleet_handler *handler, void *ctx)
{
	struct fleet *fleet = mem_zero(1, sizeof(*fleet));

	raise_file_limit(args->fanout);
	fleet->loop = loop;
	fleet->args = *args;
	fleet->handler = handler;
	fleet->ctx = ctx;
	fleet->wire.loop = loop;
	fleet->wire.scratch = mem_alloc(SCRATCH_SIZE);
	fleet->wire.scratch_size = SCRATCH_SIZE;
	fleet->wire.window = window_share(args->fanout);
	uv_idle_init(loop, &fleet->filler);
	fleet->filler.data = fleet;
	fleet->filler_open = true;
	return fleet;
}

void fleet_destroy(struct fleet *fleet)
{
	if (!fleet)
		return;
	for (size_t i = fleet->queue_at; i < fleet->queue_count; i++)
		server_finish(&fleet->queue[i]);
	free(fleet->queue);
	mem_wipe(fleet->wire.scratch, SCRATCH_SIZE);
	free(fleet->wire.scratch);
	free(fleet);
}

static bool may_start(const struct fleet *fleet)
{
	return fleet->started && fleet->queue_at < fleet->queue_count &&
	       fleet->active_count < (size_t)fleet->args.fanout &&
	       fleet->dialling < (size_t)fleet->args.handshakes;
}

static bool all_done(const struct fleet *fleet)
{
	return fleet->ended && !fleet->told_idle && fleet->active_count == 0 &&
	       fleet->queue_at == fleet->queue_count;
}

static void fleet_fill(uv_idle_t *filler)
{
	struct fleet *fleet = filler->data;

	uv_idle_stop(filler);
	while (may_start(fleet)) {
		struct server server = fleet->queue[fleet->queue_at++];

		session_start(fleet, &server);
	}
	if (fleet->queue_at == fleet->queue_count)
		fleet->queue_at = fleet->queue_count = 0;
	if (all_done(fleet)) {
		fleet->told_idle = true;
		fleet->filler_open = false;
		uv_close((uv_handle_t *)filler, NULL);
		fleet->idle(fleet->idle_ctx);
	}
}

void fleet_fill_soon(struct fleet *fleet)
{
	if (fleet->filler_open && (may_start(fleet) || all_done(fleet)))
		uv_idle_start(&fleet->filler, fleet_fill);
}

void fleet_add(struct fleet *fleet, const struct server *server)
{
	if (fleet->queue_count == fleet->queue_cap) {
		fleet->queue_cap = fleet->queue_cap ? fleet->queue_cap * 2 : 64;
		fleet->queue = mem_resize(fleet->queue, fleet->queue_cap, sizeof(*fleet->queue));
	}
	server_copy(&fleet->queue[fleet->queue_count++], server);
	if (fleet->cancelled)
		fleet_skip(fleet, "cancelled");
	fleet_fill_soon(fleet);
}

void fleet_start(struct fleet *fleet)
{
	fleet->started = true;
	fleet_fill_soon(fleet);
}

void fleet_end(struct fleet *fleet, void (*idle)(void *ctx), void *ctx)
{
	fleet->ended = true;
	fleet->idle = idle;
	fleet->idle_ctx = ctx;
	fleet_fill_soon(fleet);
}

void fleet_dialled(struct fleet *fleet)
{
	fleet->dialling--;
	fleet_fill_soon(fleet);
}

void fleet_forget(struct fleet *fleet, struct session *session)
{
	if (session->prev)
		session->prev->next = session->next;
	else
		fleet->active = session->next;
	if (session->next)
		session->next->prev = session->prev;
	fleet->active_count--;
	fleet_fill_soon(fleet);
}

void fleet_pause(struct fleet *fleet, bool pause)
{
	struct session *session, *next;

	fleet->wire.paused = pause;
	if (pause)
		return;
	/* A fed session may end and start the pause again; what comes after it then waits. */
	for (session = fleet->active; session && !fleet->wire.paused; session = next) {
		next = session->next;
		session_feed(session);
	}
}

void fleet_skip(struct fleet *fleet, const char *why)
{
	struct result result = {OUTCOME_SKIPPED, "cancelled", why, -1, clock_wall_ms(), 0};

	while (fleet->queue_at < fleet->queue_count) {
		struct server *server = &fleet->queue[fleet->queue_at++];

		if (fleet->handler->closed)
			fleet->handler->closed(fleet->ctx, NULL, server, &result);
		server_finish(server);
	}
}

void fleet_cancel(struct fleet *fleet, const char *why)
{
	struct session *session, *next;

	fleet->cancelled = true;
	fleet_skip(fleet, why);
	for (session = fleet->active; session; session = next) {
		next = session->next;
		session_stop(session, OUTCOME_CANCELLED, "cancelled", why);
	}
	fleet_fill_soon(fleet);
}

void fleet_abandon(struct fleet *fleet)
{
	struct session *session, *next;

	fleet_skip(fleet, "interrupted");
	for (session = fleet->active; session; session = next) {
		next = session->next;
		session_close(session, OUTCOME_CANCELLED, "cancelled",
			      session->running
				  ? "interrupted; the command may still run on the server"
				  : "interrupted",
			      false);
	}
	fleet_fill_soon(fleet);
}

size_t fleet_active(const struct fleet *fleet)
{
	return fleet->active_count;
}

size_t fleet_waiting(const struct fleet *fleet)
{
	return fleet->queue_count - fleet->queue_at;
}

void fleet_ids(const struct fleet *fleet, struct list *ids)
{
	for (const struct session *session = fleet->active; session; session = session->next)
		list_add(ids, session->server.id);
}
