#include "cmd/tunnel/keeper.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"

/* A driver that hangs is not waited for longer. */
#define STATUS_MS 30000
/* A driver keeps its own deadline and says what it waited for; only then is it killed. */
#define GRACE_MS 10000
#define UNWANTED_MS 5000
#define PROBE_MS 5000
#define PROBE_AGAIN_MS 200

static void keeper_check(uv_timer_t *timer);

void keeper_set(struct keeper *keeper, enum route_state state, const char *reason)
{
	struct err none = ERR_INIT;
	bool same = state == keeper->state && buf_equals(&keeper->reason, reason);

	if (same && state != ROUTE_CONNECTING)
		return;
	/* What a tunnel waits for changes too often to be noted. */
	if (state != ROUTE_CONNECTING || state != keeper->state)
		store_tunnel_event(keeper->console.store, keeper->tunnel.name,
				   route_state_name(state), reason, &none);
	keeper->state = state;
	buf_clear(&keeper->reason);
	buf_text(&keeper->reason, reason);
	if (!same)
		keeper_tell(keeper);
}

/* --- the end --- */

static void keeper_gone(struct keeper *keeper, bool well)
{
	bool clean = well && keeper->said != ROUTE_FAILED;
	struct err none = ERR_INIT;

	if (!clean)
		store_tunnel_event(keeper->console.store, keeper->tunnel.name, "failed",
				   keeper->said_reason.len ? keeper->said_reason.at
							   : "the driver could not take it down",
				   &none);
	/* What could not be taken down is for `down --stale` or the next `up` to clear away. */
	if (clean)
		keeper_tidy(keeper);
	/* The reason of a failure is what its users are to hear. */
	if (keeper->state != ROUTE_FAILED)
		keeper_set(keeper, ROUTE_DOWN, clean ? "" : keeper->said_reason.at);
	keeper_part(keeper);
}

static void keeper_down(struct keeper *keeper)
{
	keeper_drive(keeper, "down", &keeper->plain, DRIVE_DOWN_MS, keeper_gone);
}

static void keeper_interrupted(struct keeper *keeper, bool well)
{
	(void)well;
	keeper_down(keeper);
}

void keeper_leave(struct keeper *keeper)
{
	if (keeper->leaving)
		return;
	keeper->leaving = true;
	keeper_unlisten(keeper);
	uv_timer_stop(&keeper->check);
	uv_timer_stop(&keeper->probe);
	if (keeper->dial)
		dial_cancel(keeper->dial);
	keeper->dial = NULL;
	if (!keeper->drive) {
		keeper_down(keeper);
		return;
	}
	keeper->then = keeper_interrupted;
	drive_kill(keeper->drive);
}

static void keeper_fail(struct keeper *keeper, const char *reason)
{
	keeper_set(keeper, ROUTE_FAILED, reason);
	keeper_leave(keeper);
}

void keeper_consider(struct keeper *keeper)
{
	if (!keeper->leaving && !keeper->pinned && !keeper_users(keeper))
		keeper_leave(keeper);
}

/* --- the probe: an address that answers behind the tunnel, where the profile names one --- */

static void keeper_proven(struct keeper *keeper)
{
	keeper->probed = true;
	if (keeper->state != ROUTE_UP)
		keeper_set(keeper, ROUTE_UP, keeper->said_reason.at);
	uv_timer_start(&keeper->check, keeper_check, (uint64_t)keeper->check_ms, 0);
}

static void probe_again(uv_timer_t *timer);

static void probe_failed(struct keeper *keeper, const char *why)
{
	char text[300];

	if (!keeper->probed && clock_mono_ms() < keeper->up_by) {
		uv_timer_start(&keeper->probe, probe_again, PROBE_AGAIN_MS, 0);
		return;
	}
	snprintf(text, sizeof(text), "nothing answers behind it: %s: %s",
		 tunnel_value(&keeper->tunnel, "probe"), why);
	keeper_fail(keeper, text);
}

static void probe_done(void *ctx, int fd, const char *reason, const char *message)
{
	struct keeper *keeper = ctx;

	(void)message;
	keeper->dial = NULL;
	uv_timer_stop(&keeper->probe);
	if (fd >= 0) {
		close(fd);
		keeper_proven(keeper);
	} else if (!strcmp(reason, "refused")) {
		keeper_proven(keeper); /* somebody is there to refuse */
	} else {
		probe_failed(keeper, message);
	}
}

static void probe_late(uv_timer_t *timer)
{
	struct keeper *keeper = timer->data;

	dial_cancel(keeper->dial);
	keeper->dial = NULL;
	probe_failed(keeper, "no answer");
}

static void keeper_probe(struct keeper *keeper)
{
	const char *probe = tunnel_value(&keeper->tunnel, "probe");
	struct server to;

	if (!probe) {
		keeper_proven(keeper);
		return;
	}
	server_init(&to);
	if (server_parse_address(probe, &to, NULL) == 1) {
		keeper->dial =
		    dial_start(&keeper->loop, to.host, to.port ? to.port : 22, probe_done, keeper);
		uv_timer_start(&keeper->probe, probe_late, PROBE_MS, 0);
	} else {
		keeper_fail(keeper, "probe is not HOST:PORT");
	}
	server_finish(&to);
}

static void probe_again(uv_timer_t *timer)
{
	keeper_probe(timer->data);
}

/* --- while it is up --- */

static void keeper_checked(struct keeper *keeper, bool well)
{
	if (keeper->said == ROUTE_UP && well)
		keeper_probe(keeper);
	else
		keeper_fail(keeper, keeper->said_reason.len ? keeper->said_reason.at
							    : "it is not up any more");
}

static void keeper_check(uv_timer_t *timer)
{
	struct keeper *keeper = timer->data;

	keeper_drive(keeper, "status", &keeper->plain, STATUS_MS, keeper_checked);
}

/* --- on the way up --- */

static void keeper_risen(struct keeper *keeper, bool well)
{
	buf_wipe(&keeper->profile);
	if (keeper->said == ROUTE_UP && well)
		keeper_probe(keeper);
	else
		keeper_fail(keeper, keeper->said_reason.len ? keeper->said_reason.at
							    : "the driver does not say why");
}

static void keeper_rise(struct keeper *keeper)
{
	struct err err = ERR_INIT;

	if (keeper_prepare(keeper, &err)) {
		keeper_fail(keeper, err.text);
		return;
	}
	keeper->up_by = clock_mono_ms() + keeper->timeout_ms;
	keeper_drive(keeper, "up", &keeper->profile, keeper->timeout_ms + GRACE_MS, keeper_risen);
}

/* What a keeper that was killed left behind is out of the way. */
static void keeper_cleaned(struct keeper *keeper, bool well)
{
	(void)well;
	/* What cannot be taken down has to be seen to, with what the directory knows of it. */
	if (keeper->said == ROUTE_FAILED) {
		char *why = mem_format("what is left of it: %s", keeper->said_reason.at);

		keeper_fail(keeper, why);
		free(why);
		return;
	}
	free(keeper->left_by);
	keeper->left_by = NULL;
	keeper_tidy(keeper);
	keeper_rise(keeper);
}

/* Whoever had us started found another keeper, or was killed. */
static void keeper_unwanted(uv_timer_t *timer)
{
	struct keeper *keeper = timer->data;

	keeper->leaving = true;
	keeper_unlisten(keeper);
	keeper_part(keeper);
}

void keeper_start(struct keeper *keeper)
{
	uv_timer_start(&keeper->check, keeper_unwanted, UNWANTED_MS, 0);
}

void keeper_begin(struct keeper *keeper)
{
	if (keeper->begun || keeper->leaving)
		return;
	keeper->begun = true;
	uv_timer_stop(&keeper->check);
	keeper_set(keeper, ROUTE_CONNECTING, "");
	keeper->left_by = keeper_left_by(keeper);
	if (!access(keeper->dir, F_OK))
		keeper_drive(keeper, "down", &keeper->plain, DRIVE_DOWN_MS, keeper_cleaned);
	else
		keeper_rise(keeper);
}
