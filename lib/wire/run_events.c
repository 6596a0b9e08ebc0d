/* What happens to the servers of a run, on its way to the tool: counted, journalled, told. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/wire/run_inside.h"

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
	char *why;

	if (run->trouble.status != STATUS_OK)
		return;
	run->trouble = *err;
	why = mem_format("stopped by trouble on the console: %s", err->text);
	run_stop(run, true, why);
	free(why);
}

void run_sink_check(struct run *run, const struct sink *sink, const char *name)
{
	struct err err = ERR_INIT;

	if (sink_error(sink)) {
		err_sys(&err, STATUS_CONSOLE, sink_error(sink), "%s", name);
		run_fail(run, &err);
	}
}

static bool must_pause(const struct run *run)
{
	return run->paused || sink_full(run->out) || sink_full(run->errs);
}

void run_pause(struct run *run, bool pause)
{
	run->paused = pause;
	fleet_pause(run->fleet, must_pause(run));
}

void run_drained(void *ctx)
{
	struct run *run = ctx;

	run_sink_check(run, run->out, "standard output");
	if (run->errs)
		run_sink_check(run, run->errs, "standard error");
	if (!must_pause(run))
		fleet_pause(run->fleet, false);
}

static void *run_open(void *ctx, struct session *session)
{
	struct run *run = ctx;
	void *kept = map_remove(run->kept, session_server(session)->id);

	if (kept)
		return kept;
	return run->tool_handler->open ? run->tool_handler->open(run->ctx, session) : NULL;
}

static void run_output(void *own, struct session *session, enum stream stream, const char *bytes,
		       size_t count)
{
	struct run *run = session_ctx(session);

	journal_output(run->journal.at, session_server(session)->id, stream == STREAM_ERR, bytes,
		       count);
	run_line_hide(run->line);
	run->tool_handler->output(own, session, stream, bytes, count);
	if (must_pause(run))
		fleet_pause(run->fleet, true);
}

static void run_say(struct run *run, const char *id, const char *what, const char *message)
{
	struct buf text = BUF_INIT;
	struct buf *to = sink_buf(run->errs);

	run_line_hide(run->line);
	buf_format(&text, "%s: %s%s%s", id, what, message ? ": " : "", message ? message : "");
	quote_terminal(to, text.at, text.len, false);
	buf_char(to, '\n');
	sink_push(run->errs);
	buf_finish(&text);
}

void run_note(struct run *run, const char *text)
{
	while (*text) {
		size_t size = strcspn(text, "\n");

		quote_terminal(sink_buf(run->errs), text, size, false);
		buf_char(sink_buf(run->errs), '\n');
		text += size + (text[size] != '\0');
	}
	sink_push(run->errs);
}

void run_trace(void *ctx, const struct server *server, const char *what)
{
	struct run *run = ctx;
	char *text = mem_format("debug +%lld ms", (long long)(clock_mono_ms() - run->started));

	run_say(run, server->id, text, what);
	free(text);
}

void run_closed(void *ctx, void *own, const struct server *server, const struct result *result)
{
	struct run *run = ctx;
	struct err err = ERR_INIT;
	struct result_row row = {server->id,	      outcome_name(result->outcome),
				 result->reason,      result->message,
				 result->exit_status, result->started_ms,
				 result->duration_ms};

	if (policy_closed(run->policy, server, result)) {
		if (own)
			map_set(run->kept, server->id, own);
		return;
	}
	/* One that was to be dialled again, and is not, is done as well. */
	if (!own)
		own = map_remove(run->kept, server->id);
	run_line_hide(run->line);
	tally_add(run->tally, server->id, result->outcome, result->message, result->exit_status);
	if (run->args.verbose > 0)
		run_say(run, server->id, row.outcome, result->message);
	if (run->tool_handler->closed)
		run->tool_handler->closed(run->ctx, own, server, result);
	if (run->journal.at && journal_result(run->journal.at, &row, &err))
		run_fail(run, &err);
	run_read_on(run);
	run_settle(run);
}

void run_handle(struct run *run, const struct fleet_handler *handler)
{
	run->tool_handler = handler;
	run->handler = *handler;
	run->handler.open = run_open;
	run->handler.closed = run_closed;
	if (handler->output)
		run->handler.output = run_output;
}
