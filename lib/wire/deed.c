#include "lib/wire/deed.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/quote.h"

#define LIMIT_DEFAULT ((size_t)1024 * 1024)

struct work {
	const struct deed *deed;
	void *ctx;
	char *script;
	size_t limit;
};

/* One server's part of it. */
struct part {
	struct work *work;
	struct answer answer;
	struct buf input;
	size_t fed;
};

static void *part_open(void *ctx, struct session *session)
{
	struct part *part = mem_zero(1, sizeof(*part));

	part->work = ctx;
	part->answer.server = session_server(session);
	buf_init(&part->answer.out);
	buf_init(&part->answer.err);
	buf_init(&part->input);
	return part;
}

static void part_ready(void *own, struct session *session)
{
	struct part *part = own;
	const struct deed *deed = part->work->deed;
	const struct server *server = session_server(session);
	struct list args = LIST_INIT;
	struct err err = ERR_INIT;

	buf_clear(&part->input);
	part->fed = 0;
	part->answer.server = server; /* of this session: it may be a further one */
	if ((deed->args && deed->args(part->work->ctx, server, &args, &err)) ||
	    (deed->input && deed->input(part->work->ctx, server, &part->input, &err))) {
		session_end(session, OUTCOME_FAILED, "console", "%s", err.text);
		goto out;
	}
	list_take(&args, NULL); /* argv ends with NULL */
	session_script(session, part->work->script, (const char *const *)args.at);
out:
	list_finish(&args);
}

static void part_output(void *own, struct session *session, enum stream stream, const char *bytes,
			size_t count)
{
	struct part *part = own;
	struct buf *to = stream == STREAM_ERR ? &part->answer.err : &part->answer.out;
	size_t room = part->work->limit > to->len ? part->work->limit - to->len : 0;

	if (stream == STREAM_OUT && part->work->deed->take) {
		part->work->deed->take(part->work->ctx, session_server(session), bytes, count);
		return;
	}
	if (count > room)
		part->answer.cut = true;
	buf_add(to, bytes, count < room ? count : room);
}

static size_t part_input(void *own, struct session *session, char *into, size_t room, bool *end)
{
	struct part *part = own;
	const struct deed *deed = part->work->deed;
	size_t left = part->input.len - part->fed, count = left < room ? left : room;

	if (deed->feed) {
		count = deed->feed(part->work->ctx, session_server(session), (int64_t)part->fed,
				   into, room, end);
		part->fed += count;
		return count;
	}
	memcpy(into, part->input.at + part->fed, count);
	part->fed += count;
	*end = part->fed == part->input.len;
	return count;
}

void deed_last_line(const struct buf *text, char *into, size_t room)
{
	struct buf shown = BUF_INIT;
	size_t end = text->len, at;

	while (end > 0 && strchr("\r\n \t", text->at[end - 1]))
		end--;
	for (at = end; at > 0 && text->at[at - 1] != '\n'; at--)
		;
	quote_terminal(&shown, text->at + at, end - at, false);
	snprintf(into, room, "%s", shown.at);
	buf_finish(&shown);
}

static void part_ended(void *own, struct session *session, const struct ending *ending)
{
	struct part *part = own;
	const struct deed *deed = part->work->deed;
	struct verdict verdict = {OUTCOME_OK, NULL, ""};

	if (ending->how != ENDING_EXIT) {
		session_end_as(session, ending);
		return;
	}
	if (ending->status != 0) {
		verdict.outcome = OUTCOME_FAILED;
		verdict.reason = "exit";
		deed_last_line(&part->answer.err, verdict.message, sizeof(verdict.message));
		if (!*verdict.message)
			snprintf(verdict.message, sizeof(verdict.message), "exit status %d",
				 ending->status);
	}
	if (deed->judge)
		deed->judge(part->work->ctx, &part->answer, ending->status, &verdict);
	session_end(session, verdict.outcome, verdict.reason, "%s", verdict.message);
}

static void part_closed(void *ctx, void *own, const struct server *server,
			const struct result *result)
{
	struct work *work = ctx;
	struct part *part = own;
	const struct answer nothing = {server, BUF_INIT, BUF_INIT, false};

	if (part)
		part->answer.server = server;
	if (work->deed->done)
		work->deed->done(work->ctx, part ? &part->answer : &nothing, result);
	if (!part)
		return;
	buf_finish(&part->answer.out);
	buf_finish(&part->answer.err);
	buf_wipe(&part->input); /* it may have been a secret */
	free(part);
}

struct deed_rounds {
	struct work work;
	struct fleet_handler handler;
	struct deed_call call;
	struct run *run;
	bool again;
};

static struct deed_rounds *prepare(struct console *console, const struct deed *deed, void *ctx,
				   const struct deed_call *call, struct err *err)
{
	struct deed_rounds *rounds = mem_zero(1, sizeof(*rounds));

	rounds->work = (struct work){deed, ctx, NULL, deed->limit ? deed->limit : LIMIT_DEFAULT};
	rounds->handler = (struct fleet_handler){
	    .open = part_open,
	    .ready = part_ready,
	    .output = part_output,
	    .input = deed->input || deed->feed ? part_input : NULL,
	    .ended = part_ended,
	    .closed = part_closed,
	};
	rounds->call = *call;
	rounds->work.script = remote_script(&console->home, deed->script, err);
	if (rounds->work.script)
		rounds->run = run_create(console, call->tool, call->command, call->run_args,
					 &rounds->handler, &rounds->work, err);
	if (rounds->run)
		return rounds;
	deed_close(rounds);
	return NULL;
}

struct deed_rounds *deed_open(struct console *console, const struct deed *deed, void *ctx,
			      const struct deed_call *call, struct err *err)
{
	struct deed_rounds *rounds = prepare(console, deed, ctx, call, err);

	if (rounds)
		run_keep(rounds->run);
	return rounds;
}

int deed_round(struct deed_rounds *rounds, const struct pick_args *targets, struct err *err)
{
	const struct deed_call *call = &rounds->call;

	if (rounds->again)
		run_again(rounds->run, NULL);
	rounds->again = true;
	return targets
		   ? run_go(rounds->run, targets, NULL, 0, err)
		   : run_go(rounds->run, call->targets, call->operands, call->operand_count, err);
}

void deed_cancel(struct deed_rounds *rounds)
{
	run_cancel(rounds->run, "no longer wanted");
}

uv_loop_t *deed_loop(struct deed_rounds *rounds)
{
	return run_loop(rounds->run);
}

void deed_close(struct deed_rounds *rounds)
{
	if (!rounds)
		return;
	run_destroy(rounds->run);
	free(rounds->work.script);
	free(rounds);
}

int deed_go(struct console *console, const struct deed *deed, void *ctx,
	    const struct deed_call *call, struct err *err)
{
	struct deed_rounds *once;
	int status;

	if (call->targets->list)
		return pick_list(console->store, call->targets, call->operands, call->operand_count,
				 PICK_ACT, err)
			   ? (int)err->status
			   : STATUS_OK;
	once = prepare(console, deed, ctx, call, err);
	if (!once)
		return (int)err->status;
	status = deed_round(once, NULL, err);
	if (!deed->silent && (status != STATUS_USAGE || err->status == STATUS_OK))
		run_summary(once->run, stderr);
	deed_close(once);
	return status;
}
