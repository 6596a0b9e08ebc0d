/* Who a run works on, as they become known, and when each may begin. */
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/wire/run_inside.h"

/* While this many servers wait to be started, standard input is not read on. */
#define WAITING_HIGH 4096
#define WAITING_LOW 1024

int run_add(void *ctx, const struct server *server, struct err *err)
{
	struct run *run = ctx;
	const struct journal_args args = {run->console, run->tool, run->command,
					  run->args.log_file};

	if (!run->unjournalled &&
	    run_journal_begin(&run->journal, run, &run->loop, &args, err))
		return -1;
	keyring_expect(run->keyring, server);
	policy_add(run->policy, server);
	return 0;
}

static void policy_release(void *ctx, const struct server *server)
{
	struct run *run = ctx;

	fleet_add(run->fleet, server);
}

static void policy_stop(void *ctx, bool kill, const char *why)
{
	run_stop(ctx, kill, why);
}

const struct policy_events run_policy_events = {policy_release, policy_stop};

static void run_idle(void *ctx)
{
	struct run *run = ctx;

	if (run->keeping)
		uv_stop(&run->loop);
	else
		keyring_stop(run->keyring);
	if (run->feeding)
		feeder_stop(&run->feeder);
	policy_close(run->policy);
	run_line_close(run->line);
	run->line = NULL;
	run_ignore_signals(run);
}

void run_settle(struct run *run)
{
	if (run->ending || !run->all_known || !policy_idle(run->policy))
		return;
	run->ending = true;
	fleet_end(run->fleet, run_idle, run);
}

void run_all_known(struct run *run)
{
	run->all_known = true;
	policy_end(run->policy);
	run_settle(run);
}

void run_stop(struct run *run, bool kill, const char *why)
{
	struct result result = {OUTCOME_SKIPPED, "cancelled", why, -1, clock_wall_ms(), 0, false};
	struct server server;

	if (run->feeding)
		feeder_stop(&run->feeder);
	run->all_known = true;
	while (policy_skip(run->policy, &server)) {
		run_closed(run, map_remove(run->kept, server.id), &server, &result);
		server_finish(&server);
	}
	if (kill)
		fleet_cancel(run->fleet, why);
	else
		fleet_skip(run->fleet, why);
	run_settle(run);
}

/* --- standard input --- */

static size_t waiting(const struct run *run)
{
	return fleet_waiting(run->fleet) + policy_waiting(run->policy);
}

void run_read_on(struct run *run)
{
	if (!run->held || waiting(run) >= WAITING_LOW)
		return;
	run->held = false;
	feeder_hold(&run->feeder, false);
}

/* What came in is wrong, or cannot be read: what has begun is finished, what waits is not begun. */
static void run_input_failed(struct run *run, const struct err *err)
{
	run->trouble = *err;
	run_stop(run, false, "standard input is not as it should be");
}

static void run_fed(void *ctx, const char *bytes, long count)
{
	struct run *run = ctx;
	struct err err = ERR_INIT;

	if (count < 0)
		err_sys(&err, STATUS_USAGE, (int)-count, "standard input");
	if (count < 0 || (count > 0 && pick_feed(run->pick, bytes, (size_t)count, &err)) ||
	    (count == 0 && pick_end(run->pick, &err))) {
		run_input_failed(run, &err);
		return;
	}
	if (count == 0) {
		run_all_known(run);
	} else if (waiting(run) > WAITING_HIGH && !policy_collects(run->policy)) {
		run->held = true;
		feeder_hold(&run->feeder, true);
	}
}

void run_feed(struct run *run)
{
	feeder_start(&run->feeder, &run->loop, STDIN_FILENO, run_fed, run);
}
