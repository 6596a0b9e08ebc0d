#include "lib/wire/run.h"

#include <libssh2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/run_inside.h"
#include "lib/wire/run_settings.h"
#include "lib/wire/ssh2_library.h"

struct run *run_create(struct console *console, const char *tool, const char *command,
		       const struct run_args *args, const struct fleet_handler *handler, void *ctx,
		       struct err *err)
{
	struct run *run = mem_zero(1, sizeof(*run));
	struct keyring_args keys = {&args->keys, args->passphrase_file, args->password_file,
				    args->ask_password, args->only_key, args->without_keys};
	struct become_args become = {args->sudo, args->ask_sudo, args->sudo_password_file};
	struct fleet_args fleet;

	signal(SIGPIPE, SIG_IGN);
	ssh2_library_init();
	uv_loop_init(&run->loop);
	run->console = console;
	run->args = *args;
	run->tool = mem_text(tool);
	run->command = mem_text(command);
	run->ctx = ctx;
	run_handle(run, handler);
	run->tally = tally_create();
	run->kept = map_create();
	if (policy_check(&args->policy, err) || become_open(&run->become, &become, err) ||
	    remote_open(&run->remote, &console->home, err))
		goto bad;
	run->hosts = run_hosts(console, args, err);
	run->keyring = run->hosts ? keyring_create(console, &keys, err) : NULL;
	if (!run->keyring)
		goto bad;
	run_settings(console, args, &fleet);
	fleet.keyring = run->keyring;
	fleet.hosts = run->hosts;
	fleet.remote = &run->remote;
	fleet.become = args->sudo ? &run->become : NULL;
	run->learned = learned_create(console->store);
	fleet.learned = run->learned;
	fleet.trace = run_trace;
	run->fleet = fleet_create(&run->loop, &fleet, &run->handler, run);
	run->policy = policy_create(&run->loop, &run->args.policy, &run_policy_events, run);
	run->out = sink_create(&run->loop, STDOUT_FILENO, run_drained, run);
	run->errs = sink_create(&run->loop, STDERR_FILENO, run_drained, run);
	return run;
bad:
	run_destroy(run);
	return NULL;
}

static void run_keys_ready(void *ctx)
{
	struct run *run = ctx;

	fleet_start(run->fleet);
}

static int run_status(struct run *run, struct err *err)
{
	enum status status = run->interrupted ? STATUS_INTERRUPTED : STATUS_OK;

	if (run->trouble.status != STATUS_OK) {
		*err = run->trouble;
		if (run->trouble.status == STATUS_USAGE && status == STATUS_OK)
			return STATUS_USAGE; /* what we were told was wrong, whatever came of it */
		status = status_worst(status, run->trouble.status);
	}
	if (status == STATUS_OK)
		return tally_status(run->tally, run->args.largest);
	return (int)status_worst(status, (enum status)tally_status(run->tally, false));
}

int run_go(struct run *run, const struct pick_args *targets, char **operands, size_t operand_count,
	   struct err *err)
{
	struct pick_args where = *targets;
	int status;

	run->started = clock_mono_ms();
	where.ssh_config = run->args.ssh_config;
	run->pick = pick_create(run->console->store, &where, operands, operand_count, PICK_ACT,
				run_add, run, err);
	if (!run->pick || pick_resolve(run->pick, err))
		return (int)(run->trouble = *err).status;
	if (*pick_note(run->pick) && !run->args.quiet)
		run_note(run, pick_note(run->pick));
	run_watch_signals(run);
	if (run->args.verbose > 0 && !run->unlocking && sshhosts_unheeded(run->hosts, sink_buf(run->errs)))
		sink_push(run->errs);
	if (!run->unlocking)
		keyring_start(run->keyring, &run->loop, run_keys_ready, run);
	run->unlocking = true;
	run->feeding = pick_reads_stdin(run->pick);
	run->line = run_line_create(run);
	if (run->feeding)
		run_feed(run);
	else if (pick_end(run->pick, err))
		return (int)(run->trouble = *err).status;
	else
		run_all_known(run);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	while (run->keeping && !(sink_idle(run->out) && sink_idle(run->errs)))
		uv_run(&run->loop, UV_RUN_ONCE);
	run_sink_check(run, run->out, "standard output");
	status = run_status(run, err);
	if (run_journal_end(&run->journal, status, err))
		status = (int)status_worst((enum status)status, STATUS_CONSOLE);
	if (learned_flush(run->learned, err))
		status = (int)status_worst((enum status)status, STATUS_CONSOLE);
	return status;
}

void run_summary(const struct run *run, FILE *to)
{
	if (tally_count(run->tally) > 0)
		tally_print(run->tally, clock_mono_ms() - run->started, run->args.quiet, to);
	else if (!run->args.quiet && run->trouble.status == STATUS_OK)
		fprintf(to, "no servers\n");
	if (!run->args.quiet)
		learned_summary(run->learned, to);
}

int64_t run_number(const struct run *run)
{
	return run->journal.number;
}

static void close_handle(uv_handle_t *handle, void *ctx)
{
	(void)ctx;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void run_destroy(struct run *run)
{
	if (!run)
		return;
	if (run->keeping)
		run_let_go(run);
	/* After a run that never began, some handles are still open. */
	run_line_close(run->line);
	uv_walk(&run->loop, close_handle, NULL);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	pick_destroy(run->pick);
	policy_destroy(run->policy);
	map_destroy(run->kept);
	fleet_destroy(run->fleet);
	sink_destroy(run->out);
	sink_destroy(run->errs);
	keyring_destroy(run->keyring);
	learned_destroy(run->learned);
	sshhosts_close(run->hosts);
	remote_close(&run->remote);
	become_close(&run->become);
	tally_destroy(run->tally);
	free(run->tool);
	free(run->command);
	uv_loop_close(&run->loop);
	libssh2_exit();
	free(run);
}
