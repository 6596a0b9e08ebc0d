/* One run after another over sessions that stay open. */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/wire/run_inside.h"

void run_keep(struct run *run)
{
	run->keeping = true;
	fleet_keep(run->fleet);
}

void run_again(struct run *run, const char *command)
{
	static const struct err none = ERR_INIT;

	run->unjournalled = !command;
	if (command) {
		free(run->command);
		run->command = mem_text(command);
	}
	run->journal.number = 0;
	tally_destroy(run->tally);
	run->tally = tally_create();
	pick_destroy(run->pick);
	run->pick = NULL;
	map_destroy(run->kept);
	run->kept = map_create();
	/* The last one's timer closes with a turn of the loop, which has other handles. */
	policy_close(run->policy);
	uv_run(&run->loop, UV_RUN_NOWAIT);
	policy_destroy(run->policy);
	run->policy = policy_create(&run->loop, &run->args.policy, &run_policy_events, run);
	run->feeding = run->held = run->all_known = run->ending = run->interrupted = false;
	run->trouble = none;
	fleet_again(run->fleet);
}

uv_loop_t *run_loop(struct run *run)
{
	return &run->loop;
}

void run_cancel(struct run *run, const char *why)
{
	run_stop(run, true, why);
}

void run_let_go(struct run *run)
{
	run->keeping = false;
	fleet_let_go(run->fleet);
	keyring_stop(run->keyring);
	policy_close(run->policy);
	if (run->watching)
		run_ignore_signals(run);
	uv_run(&run->loop, UV_RUN_DEFAULT);
}
