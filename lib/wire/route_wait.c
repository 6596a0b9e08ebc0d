#include <time.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/route.h"

#define PAUSE_NS 20000000L
/* Longer than a driver may take (DRIVE_DOWN_MS of cmd/tunnel). */
#define GONE_MS 65000
#define NOTICE_NS 100000000L

/* One tunnel on a loop of its own, until there is an answer. */
struct wait {
	struct route *route;
	bool for_up;   /* connecting is no answer */
	bool for_down; /* only down is one, or that it cannot be taken down */
	enum route_state state;
	struct buf *reason;
	long users;
};

static void wait_told(void *ctx, enum route_state state, const char *reason, long users)
{
	struct wait *wait = ctx;

	if ((wait->for_up && state == ROUTE_CONNECTING) ||
	    (wait->for_down && (state == ROUTE_CONNECTING || state == ROUTE_UP)))
		return;
	wait->state = state;
	wait->users = users;
	buf_clear(wait->reason);
	buf_text(wait->reason, reason);
	route_close(wait->route);
}

static void wait_for(const struct home *home, const char *tunnel, const char *claim,
		     struct wait *wait)
{
	uv_loop_t loop;

	uv_loop_init(&loop);
	wait->route = route_open(&loop, home, tunnel, claim, wait_told, wait);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
}

/* Whether a keeper is at it still. */
static bool kept(const struct home *home, const char *tunnel)
{
	struct err none = ERR_INIT;
	int lock = route_lock(home, tunnel, &none);

	if (lock >= 0)
		route_unlock(home, tunnel, lock);
	return lock == -1;
}

/* Until the keeper has cleared up after a tunnel that failed: who tries again at once finds all
 * clean. It leaves what it could not take down. */
static void wait_gone(const struct home *home, const char *tunnel)
{
	const struct timespec pause = {0, PAUSE_NS};
	int64_t deadline = clock_mono_ms() + GONE_MS;
	char *dir = route_tunnel_dir(home, tunnel);

	while (!access(dir, F_OK) && kept(home, tunnel) && clock_mono_ms() < deadline)
		nanosleep(&pause, NULL);
	free(dir);
}

int route_bring_up(const struct home *home, const char *tunnel, pid_t pid, struct err *err)
{
	struct buf reason = BUF_INIT;
	struct wait wait = {.for_up = true, .reason = &reason};
	char *claim = pid ? mem_format(ROUTE_WATCH " %ld", (long)pid) : mem_text(ROUTE_KEEP);
	int result = 0;

	wait_for(home, tunnel, claim, &wait);
	if (wait.state != ROUTE_UP)
		wait_gone(home, tunnel);
	if (wait.state != ROUTE_UP)
		result = err_set(err, STATUS_UNREACHABLE, "tunnel %s: %s", tunnel,
				 reason.len ? reason.at : "it was taken down");
	free(claim);
	buf_finish(&reason);
	return result;
}

void route_settle(const struct home *home, const char *tunnel)
{
	const struct timespec notice = {0, NOTICE_NS};
	struct buf reason = BUF_INIT;
	long users;

	/* The keeper sees that we are gone, and stays if that is no reason to end. */
	nanosleep(&notice, NULL);
	if (route_ask(home, tunnel, ROUTE_QUERY, &reason, &users) != ROUTE_UP)
		wait_gone(home, tunnel);
	buf_finish(&reason);
}

int route_try_out(const struct home *home, const char *tunnel, struct err *err)
{
	struct buf reason = BUF_INIT;
	struct wait wait = {.for_up = true, .reason = &reason};

	wait_for(home, tunnel, ROUTE_USE, &wait);
	if (wait.state != ROUTE_UP)
		err_set(err, STATUS_UNREACHABLE, "%s",
			reason.len ? reason.at : "it was taken down");
	route_settle(home, tunnel);
	buf_finish(&reason);
	return wait.state == ROUTE_UP ? 0 : -1;
}

int route_drop(const struct home *home, const char *tunnel, struct err *err)
{
	struct buf reason = BUF_INIT;
	struct wait wait = {.for_down = true, .reason = &reason};
	int result = 0;

	wait_for(home, tunnel, ROUTE_DROP, &wait);
	wait_gone(home, tunnel);
	if (wait.state == ROUTE_DOWN && reason.len)
		result = err_set(err, STATUS_CONSOLE, "tunnel %s: %s", tunnel, reason.at);
	buf_finish(&reason);
	return result;
}

enum route_state route_ask(const struct home *home, const char *tunnel, const char *claim,
			   struct buf *reason, long *users)
{
	struct wait wait = {.reason = reason};

	wait_for(home, tunnel, claim, &wait);
	*users = wait.users;
	return wait.state;
}
