#include "lib/wire/run.h"

#include <libssh2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/flow/range.h"
#include "lib/room/journal.h"
#include "lib/wire/feeder.h"
#include "lib/wire/run_settings.h"
#include "lib/wire/tally.h"

/* While this many servers wait to be started, standard input is not read on. */
#define WAITING_HIGH 4096
#define WAITING_LOW 1024

/* A second ^C within this time cancels. */
#define INTERRUPT_MS 1000

struct run {
	struct console *console;
	struct run_args args;
	char *tool, *command;
	const struct fleet_handler *tool_handler;
	struct fleet_handler handler;
	void *ctx;
	uv_loop_t loop;
	struct keyring *keyring;
	struct knownhosts *known;
	struct remote remote;
	struct fleet *fleet;
	struct journal *journal; /* begun with the first server */
	struct tally *tally;
	struct pick *pick;
	struct sink *out, *errs;
	struct feeder feeder;
	bool feeding, held;
	uv_signal_t interrupt, terminate;
	int64_t started, interrupted_at;
	bool interrupted;
	struct err trouble; /* the first thing that went wrong here, not on a server */
};

struct sink *run_out(struct run *run)
{
	return run->out;
}

struct sink *run_err(struct run *run)
{
	return run->errs;
}

void run_fail(struct run *run, const struct err *err)
{
	if (run->trouble.status != STATUS_OK)
		return;
	run->trouble = *err;
	fleet_cancel(run->fleet, "stopped by trouble on the console");
}

static void run_sink_check(struct run *run, const struct sink *sink, const char *name)
{
	struct err err = ERR_INIT;

	if (sink_error(sink)) {
		err_sys(&err, STATUS_CONSOLE, sink_error(sink), "%s", name);
		run_fail(run, &err);
	}
}

static void run_drained(void *ctx)
{
	struct run *run = ctx;

	run_sink_check(run, run->out, "standard output");
	if (run->errs)
		run_sink_check(run, run->errs, "standard error");
	if (!sink_full(run->out) && !sink_full(run->errs))
		fleet_pause(run->fleet, false);
}

/* --- the fleet's events, on their way to the tool --- */

static void *run_open(void *ctx, struct session *session)
{
	struct run *run = ctx;

	return run->tool_handler->open ? run->tool_handler->open(run->ctx, session) : NULL;
}

static void run_output(void *own, struct session *session, enum stream stream, const char *bytes,
		       size_t count)
{
	struct run *run = session_ctx(session);

	run->tool_handler->output(own, session, stream, bytes, count);
	if (sink_full(run->out) || sink_full(run->errs))
		fleet_pause(run->fleet, true);
}

static void run_say(struct run *run, const char *id, const char *what, const char *message)
{
	struct buf text = BUF_INIT;
	struct buf *to = sink_buf(run->errs);

	buf_format(&text, "%s: %s%s%s", id, what, message ? ": " : "", message ? message : "");
	quote_terminal(to, text.at, text.len, false);
	buf_char(to, '\n');
	sink_push(run->errs);
	buf_finish(&text);
}

static void run_trace(void *ctx, const struct server *server, const char *what)
{
	struct run *run = ctx;
	char *text = mem_format("debug +%lld ms", (long long)(clock_mono_ms() - run->started));

	run_say(run, server->id, text, what);
	free(text);
}

static void run_closed(void *ctx, void *own, const struct server *server,
		       const struct result *result)
{
	struct run *run = ctx;
	struct err err = ERR_INIT;
	struct result_row row = {server->id,	  outcome_name(result->outcome), result->reason,
				 result->message, result->exit_status,		 result->started_ms,
				 result->duration_ms};

	tally_add(run->tally, server->id, result->outcome, result->message, result->exit_status);
	if (run->args.verbose > 0)
		run_say(run, server->id, row.outcome, result->message);
	if (run->tool_handler->closed)
		run->tool_handler->closed(run->ctx, own, server, result);
	if (run->journal && journal_result(run->journal, &row, &err))
		run_fail(run, &err);
	if (run->held && fleet_waiting(run->fleet) < WAITING_LOW) {
		run->held = false;
		feeder_hold(&run->feeder, false);
	}
}

/* --- targets --- */

static int run_add(void *ctx, const struct server *server, struct err *err)
{
	struct run *run = ctx;

	if (!run->journal) {
		run->journal =
		    journal_begin(run->console->store, run->tool, run->command, err);
		if (!run->journal)
			return -1;
	}
	fleet_add(run->fleet, server);
	return 0;
}

static void run_idle(void *ctx)
{
	struct run *run = ctx;

	keyring_stop(run->keyring);
	if (run->feeding)
		feeder_stop(&run->feeder);
	uv_close((uv_handle_t *)&run->interrupt, NULL);
	uv_close((uv_handle_t *)&run->terminate, NULL);
}

/* What came in on standard input is wrong, or cannot be read: what has begun is finished, what waits is not begun. */
static void run_input_failed(struct run *run, const struct err *err)
{
	run->trouble = *err;
	feeder_stop(&run->feeder);
	fleet_skip(run->fleet, "standard input is not as it should be");
	fleet_end(run->fleet, run_idle, run);
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
	if (count == 0)
		fleet_end(run->fleet, run_idle, run);
	else if (fleet_waiting(run->fleet) > WAITING_HIGH) {
		run->held = true;
		feeder_hold(&run->feeder, true);
	}
}

/* --- signals --- */

static void run_outstanding(struct run *run)
{
	struct list ids = LIST_INIT;
	struct buf text = BUF_INIT;

	fleet_ids(run->fleet, &ids);
	range_fold(&text, (const char *const *)ids.at, ids.count);
	buf_format(sink_buf(run->errs), "running: %s (%zu); waiting: %zu (^C again to cancel)\n",
		   text.at, ids.count, fleet_waiting(run->fleet));
	sink_push(run->errs);
	list_finish(&ids);
	buf_finish(&text);
}

/* On a terminal the first ^C shows what is outstanding, a second soon after cancels. A third, or a
 * second signal of any kind, does not wait for the servers. */
static void run_signal(uv_signal_t *signal, int number)
{
	struct run *run = signal->data;
	int64_t now = clock_mono_ms();

	if (run->interrupted) {
		fleet_abandon(run->fleet);
		return;
	}
	if (number == SIGINT && isatty(STDERR_FILENO) && isatty(STDIN_FILENO) &&
	    (run->interrupted_at == 0 || now - run->interrupted_at > INTERRUPT_MS)) {
		run->interrupted_at = now;
		run_outstanding(run);
		return;
	}
	run->interrupted = true;
	if (run->feeding)
		feeder_stop(&run->feeder);
	fleet_cancel(run->fleet, "interrupted");
	fleet_end(run->fleet, run_idle, run);
}

/* --- the run --- */

struct run *run_create(struct console *console, const char *tool, const char *command,
		       const struct run_args *args, const struct fleet_handler *handler, void *ctx,
		       struct err *err)
{
	struct run *run = mem_zero(1, sizeof(*run));
	struct keyring_args keys = {&args->keys, args->passphrase_file, args->password_file,
				    args->ask_password};
	struct fleet_args fleet;

	signal(SIGPIPE, SIG_IGN);
	libssh2_init(0);
	uv_loop_init(&run->loop);
	run->console = console;
	run->args = *args;
	run->tool = mem_text(tool);
	run->command = mem_text(command);
	run->tool_handler = handler;
	run->ctx = ctx;
	run->handler = *handler;
	run->handler.open = run_open;
	run->handler.closed = run_closed;
	if (handler->output)
		run->handler.output = run_output;
	run->tally = tally_create();
	if (remote_open(&run->remote, &console->home, err))
		goto bad;
	run->known = run_known_hosts(console, err);
	run->keyring = run->known ? keyring_create(console, &keys, err) : NULL;
	if (!run->keyring)
		goto bad;
	run_settings(console, args, &fleet);
	fleet.keyring = run->keyring;
	fleet.known = run->known;
	fleet.remote = &run->remote;
	fleet.trace = args->debug || config_bool(console->config, "log", "debug") ? run_trace : NULL;
	run->fleet = fleet_create(&run->loop, &fleet, &run->handler, run);
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

static void run_watch_signals(struct run *run)
{
	uv_signal_init(&run->loop, &run->interrupt);
	uv_signal_init(&run->loop, &run->terminate);
	run->interrupt.data = run->terminate.data = run;
	uv_signal_start(&run->interrupt, run_signal, SIGINT);
	uv_signal_start(&run->terminate, run_signal, SIGTERM);
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
	return status_worst(status, (enum status)tally_status(run->tally, false));
}

int run_go(struct run *run, const struct pick_args *targets, char **operands, size_t operand_count,
	   struct err *err)
{
	int status;

	run->started = clock_mono_ms();
	run->pick = pick_create(run->console->store, targets, operands, operand_count, PICK_ACT,
				run_add, run, err);
	if (!run->pick || pick_resolve(run->pick, err))
		return err->status;
	run_watch_signals(run);
	keyring_start(run->keyring, &run->loop, run_keys_ready, run);
	run->feeding = pick_reads_stdin(run->pick);
	if (run->feeding)
		feeder_start(&run->feeder, &run->loop, STDIN_FILENO, run_fed, run);
	else if (pick_end(run->pick, err))
		return err->status;
	else
		fleet_end(run->fleet, run_idle, run);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	run_sink_check(run, run->out, "standard output");
	status = run_status(run, err);
	if (run->journal && journal_end(run->journal, status, err)) {
		status = (int)status_worst((enum status)status, STATUS_CONSOLE);
	}
	run->journal = NULL;
	return status;
}

void run_summary(const struct run *run, FILE *to)
{
	if (tally_count(run->tally) > 0)
		tally_print(run->tally, clock_mono_ms() - run->started, run->args.quiet, to);
	else if (!run->args.quiet)
		fprintf(to, "no servers\n");
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
	/* After a run that never began, some handles are still open. */
	uv_walk(&run->loop, close_handle, NULL);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	pick_destroy(run->pick);
	fleet_destroy(run->fleet);
	sink_destroy(run->out);
	sink_destroy(run->errs);
	keyring_destroy(run->keyring);
	knownhosts_close(run->known);
	remote_close(&run->remote);
	tally_destroy(run->tally);
	free(run->tool);
	free(run->command);
	uv_loop_close(&run->loop);
	libssh2_exit();
	free(run);
}
