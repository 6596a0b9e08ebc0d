#include "lib/wire/fleet.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/flow/range.h"
#include "lib/wire/session.h"

#define SCRATCH_SIZE (64 * 1024)

/* So many sessions may stay open at a prompt, where the system has the file descriptors. */
#define KEPT_MAX 16384

/* All servers' receive windows together; each gets its share within the bounds. */
#define WINDOW_TOTAL (64 * 1024 * 1024)
#define WINDOW_MIN (64 * 1024)
#define WINDOW_MAX (2 * 1024 * 1024)

/* A server has a connection, perhaps files for what it says, or the pipes of ssh(1); and some for everything else. */
static void raise_file_limit(long fanout)
{
	struct rlimit limit;
	rlim_t want = (rlim_t)fanout * 8 + 1024;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= want)
		return;
	limit.rlim_cur =
	    limit.rlim_max == RLIM_INFINITY || limit.rlim_max > want ? want : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* libuv lets half its threads wait for DNS; with its usual four, two dead name servers stop everyone. */
static void widen_pool(void)
{
	setenv("UV_THREADPOOL_SIZE", "16", 0);
}

static uint32_t window_share(long fanout)
{
	long share = WINDOW_TOTAL / fanout;

	return (uint32_t)(share < WINDOW_MIN   ? WINDOW_MIN
			  : share > WINDOW_MAX ? WINDOW_MAX
					       : share);
}

struct fleet *fleet_create(uv_loop_t *loop, const struct fleet_args *args,
			   const struct fleet_handler *handler, void *ctx)
{
	struct fleet *fleet = mem_zero(1, sizeof(*fleet));

	raise_file_limit(args->fanout);
	widen_pool();
	fleet->loop = loop;
	fleet->args = *args;
	fleet->handler = handler;
	fleet->ctx = ctx;
	fleet->wire.loop = loop;
	fleet->wire.scratch = mem_alloc(SCRATCH_SIZE);
	fleet->wire.scratch_size = SCRATCH_SIZE;
	fleet->wire.window = window_share(args->fanout);
	fleet->asker = args->home ? mem_format("%s/mroom-connect", args->home->exec_path) : NULL;
	fleet->wire.asker = fleet->asker;
	fleet->wire.keyring = args->keyring;
	fleet->wire.connect_timeout_ms = args->connect_timeout_ms;
	fleet->gates = gates_create(args->handshakes);
	fleet->redials_last = &fleet->redials;
	fleet->wire.jumps = jumps_create(&fleet->wire);
	fleet->bastions = bastions_create(&fleet->args);
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
	sockdir_remove(&fleet->wire.sockets);
	free(fleet->asker);
	gates_destroy(fleet->gates);
	jumps_destroy(fleet->wire.jumps);
	bastions_destroy(fleet->bastions);
	fleet_tunnel_finish(fleet);
	map_destroy(fleet->kept);
	mem_wipe(fleet->wire.scratch, SCRATCH_SIZE);
	free(fleet->wire.scratch);
	free(fleet->cancelled);
	free(fleet);
}

static bool may_start(const struct fleet *fleet)
{
	if (!fleet->started || !gates_room(fleet->gates))
		return false;
	return fleet->redials ||
	       (fleet->active_count < (size_t)fleet->args.fanout &&
		(fleet->queue_at < fleet->queue_count || gates_ready(fleet->gates)));
}

static bool all_done(const struct fleet *fleet)
{
	return fleet->ended && !fleet->told_idle && fleet->active_count == 0 &&
	       fleet_waiting(fleet) == 0;
}

/* The gate on the way to a server. */
static struct gate *fleet_gate(struct fleet *fleet, const struct server *server)
{
	const char *jump = fleet->args.jump ? fleet->args.jump : server->jump;
	long port = fleet->args.port ? fleet->args.port : server->port;
	char way[320];

	if (!jump && server->tunnel && !fleet->args.no_tunnel &&
	    bastions_hop(fleet->bastions, server->tunnel, NULL, NULL) == 1)
		jump = server->tunnel;
	if (jump)
		return gates_of(fleet->gates, jump, true);
	snprintf(way, sizeof(way), "%s:%ld", server->host, port);
	return gates_of(fleet->gates, way, false);
}

/* The next server that is due; those whose gate is busy are parked there, and those whose
 * tunnel is not up wait for that. */
static bool fleet_next(struct fleet *fleet, struct server *server, struct gate **gate)
{
	if (gates_unpark(fleet->gates, server, gate))
		return true;
	while (fleet->queue_at < fleet->queue_count) {
		*server = fleet->queue[fleet->queue_at++];
		if (fleet_resume(fleet, server)) {
			if (fleet->active_count >= (size_t)fleet->args.fanout)
				return false;
			continue;
		}
		if (fleet_tunnel_takes(fleet, server))
			continue;
		*gate = fleet_gate(fleet, server);
		if (gate_room(*gate))
			return true;
		gate_park(*gate, server);
	}
	return false;
}

void fleet_keep(struct fleet *fleet)
{
	fleet->kept = map_create();
	/* Fanout does not bound how many stay open. */
	raise_file_limit(KEPT_MAX);
}

/* The last of what holds the loop. */
static void fleet_close(struct fleet *fleet)
{
	jumps_stop(fleet->wire.jumps);
	fleet_tunnel_close(fleet);
	fleet->filler_open = false;
	uv_close((uv_handle_t *)&fleet->filler, NULL);
}

static void fleet_fill(uv_idle_t *filler)
{
	struct fleet *fleet = filler->data;
	struct session *session;
	struct server server;
	struct gate *gate;

	uv_idle_stop(filler);
	while (fleet->started && gates_room(fleet->gates)) {
		session = fleet_redial_next(fleet);
		if (session)
			session_dial(session);
		else if (fleet->active_count < (size_t)fleet->args.fanout &&
			 fleet_next(fleet, &server, &gate))
			session_start(fleet, &server, gate);
		else
			break;
	}
	if (fleet->queue_at == fleet->queue_count)
		fleet->queue_at = fleet->queue_count = 0;
	if (all_done(fleet)) {
		fleet->told_idle = true;
		if (!fleet->kept)
			fleet_close(fleet);
		fleet->idle(fleet->idle_ctx);
	} else if (fleet->let_go) {
		fleet_close(fleet);
	}
}

void fleet_let_go(struct fleet *fleet)
{
	fleet->let_go = true;
	fleet_lose_kept(fleet, NULL);
	/* In a turn of its own, when those behind jump hosts are gone. */
	uv_idle_start(&fleet->filler, fleet_fill);
}

void fleet_fill_soon(struct fleet *fleet)
{
	if (fleet->filler_open && (may_start(fleet) || all_done(fleet)))
		uv_idle_start(&fleet->filler, fleet_fill);
}

void fleet_queue(struct fleet *fleet, struct server *server)
{
	if (fleet->queue_count == fleet->queue_cap) {
		fleet->queue_cap = fleet->queue_cap ? fleet->queue_cap * 2 : 64;
		fleet->queue = mem_resize(fleet->queue, fleet->queue_cap, sizeof(*fleet->queue));
	}
	fleet->queue[fleet->queue_count++] = *server;
}

void fleet_add(struct fleet *fleet, const struct server *server)
{
	struct server copy;

	server_copy(&copy, server);
	fleet_queue(fleet, &copy);
	if (fleet->cancelled)
		fleet_skip(fleet, fleet->cancelled);
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

void fleet_forget(struct fleet *fleet, struct session *session)
{
	if (session->prev)
		session->prev->next = session->next;
	else
		fleet->active = session->next;
	if (session->next)
		session->next->prev = session->prev;
	if (fleet->turn == session)
		fleet->turn = session->next;
	fleet->active_count--;
	fleet_fill_soon(fleet);
}

/* A fed session may end, and start the pause again: those behind it are the first when it is over. */
static void feed_on(struct fleet *fleet)
{
	struct session *session;

	while ((session = fleet->turn) != NULL && !fleet->wire.paused) {
		fleet->turn = session->next;
		session_feed(session);
	}
}

void fleet_pause(struct fleet *fleet, bool pause)
{
	fleet->wire.paused = pause;
	if (!pause)
		feed_on(fleet);
	if (!fleet->wire.paused) {
		fleet->turn = fleet->active;
		feed_on(fleet);
	}
}

void fleet_skip(struct fleet *fleet, const char *why)
{
	struct result result = {OUTCOME_SKIPPED, "cancelled", why, -1, clock_wall_ms(), 0, false};

	fleet_tunnel_skip(fleet, why);
	while (fleet_waiting(fleet) > 0) {
		struct server server;

		if (!gates_unpark_any(fleet->gates, &server))
			server = fleet->queue[fleet->queue_at++];
		if (fleet->handler->closed)
			fleet->handler->closed(fleet->ctx, NULL, &server, &result);
		server_finish(&server);
	}
}

void fleet_cancel(struct fleet *fleet, const char *why)
{
	struct session *session, *next;

	if (!fleet->cancelled)
		fleet->cancelled = mem_text(why);
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
	return fleet->queue_count - fleet->queue_at + fleet->parked_count +
	       gates_parked(fleet->gates);
}

void fleet_outstanding(const struct fleet *fleet, size_t more, struct buf *text)
{
	struct list ids = LIST_INIT;

	for (const struct session *session = fleet->active; session; session = session->next)
		list_add(&ids, session->server.id);
	buf_text(text, "running: ");
	range_fold(text, (const char *const *)ids.at, ids.count);
	buf_format(text, " (%zu); waiting: %zu", ids.count, fleet_waiting(fleet) + more);
	list_finish(&ids);
}

const struct server *fleet_slowest(const struct fleet *fleet, int64_t *since)
{
	const struct session *slowest = fleet->active;

	for (const struct session *session = slowest; session; session = session->next)
		if (session->started_mono < slowest->started_mono)
			slowest = session;
	if (!slowest)
		return NULL;
	*since = slowest->started_mono;
	return &slowest->server;
}
