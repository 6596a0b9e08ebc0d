/* A command on a server: run, watched, and stopped in a way that is proven. */
#include <string.h>

#include "lib/wire/session.h"

/* How long a kill may take to be proven. */
#define KILL_PATIENCE_MS 5000

static const struct fleet_handler *handler_of(const struct session *session)
{
	return session->fleet->handler;
}

/* --- stopping what runs --- */

void session_stopped(struct session *session)
{
	bool proven = !strncmp(session->killed, "dead", 4);
	char message[700];

	snprintf(message, sizeof(message), "%s; %s", session->verdict_message,
		 proven ? "the command was killed on the server"
			: "the command could not be stopped and may still run there");
	session_close(session, session->verdict, session->verdict_reason, message, true);
}

static void kill_output(void *ctx, enum stream stream, const char *bytes, size_t count)
{
	struct session *session = ctx;
	size_t at = strlen(session->killed), room = sizeof(session->killed) - 1 - at;

	if (stream == STREAM_OUT)
		memcpy(session->killed + at, bytes, count < room ? count : room);
}

static void kill_ended(void *ctx, const struct ending *ending)
{
	(void)ending;
	session_stopped(ctx);
}

static const struct channel_events kill_events = {.output = kill_output, .ended = kill_ended};

static void session_kill(struct session *session)
{
	struct buf command = BUF_INIT;

	if (session->killing)
		return;
	session->killing = true;
	remote_kill(session->fleet->args.remote, session->announcement.group, &command);
	session->transport->ops->exec(session->transport, command.at, &kill_events, session);
	buf_finish(&command);
}

void session_stop(struct session *session, enum outcome outcome, const char *reason,
		  const char *message)
{
	if (session->closed || session->stopping)
		return;
	if (!session->running) {
		session_close(session, outcome, reason, message, true);
		return;
	}
	session->stopping = true;
	session->verdict = outcome;
	session->verdict_reason = reason;
	snprintf(session->verdict_message, sizeof(session->verdict_message), "%s", message);
	if (session->raw) {
		session_stopped(session);
		return;
	}
	/* Its output is dropped from here on, so it need not wait for slow readers. */
	session->transport->unpaused = true;
	uv_timer_stop(&session->deadline);
	uv_timer_start(&session->deadline, session->deadline.timer_cb, KILL_PATIENCE_MS, 0);
	if (session->announcement.group > 0)
		session_kill(session);
	else
		session->transport->ops->feed(session->transport);
}

/* --- a command --- */

static void command_output(void *ctx, enum stream stream, const char *bytes, size_t count)
{
	struct session *session = ctx;
	struct announcement *announcement = &session->announcement;
	const struct fleet_handler *handler = handler_of(session);

	if (!session->raw && !announcement->found && stream == STREAM_OUT) {
		struct buf held;

		if (!announcement_feed(announcement, session->fleet->args.remote, bytes, count))
			return;
		if (session->stopping && announcement->group > 0) {
			session_kill(session);
			return;
		}
		held = announcement->held;
		buf_init(&announcement->held);
		if (held.len > 0 && !session->stopping && handler->output)
			handler->output(session->own, session, stream, held.at, held.len);
		buf_finish(&held);
		return;
	}
	if (!session->stopping && handler->output)
		handler->output(session->own, session, stream, bytes, count);
}

static size_t command_input(void *ctx, char *into, size_t room, bool *end)
{
	struct session *session = ctx;

	if (session->stopping) {
		*end = true;
		return 0;
	}
	return handler_of(session)->input(session->own, session, into, room, end);
}

static void command_ended(void *ctx, const struct ending *ending)
{
	struct session *session = ctx;
	struct announcement *announcement = &session->announcement;
	const struct fleet_handler *handler = handler_of(session);

	session->running = false;
	if (session->stopping) {
		/* Ended by itself before the kill could be sent: then there is nothing to kill. */
		if (!session->killing && ending->how != ENDING_LOST) {
			memcpy(session->killed, "dead", 5);
			session_stopped(session);
		}
		return;
	}
	uv_timer_stop(&session->deadline);
	if (announcement->held.len > 0 && handler->output)
		handler->output(session->own, session, STREAM_OUT, announcement->held.at,
				announcement->held.len);
	if (ending->how == ENDING_EXIT)
		session->exit_status = ending->status;
	if (handler->ended)
		handler->ended(session->own, session, ending);
	else
		session_end_as(session, ending);
}

static const struct channel_events command_events = {
	.output = command_output, .input = command_input, .ended = command_ended};
static const struct channel_events command_events_without_input = {.output = command_output,
								   .ended = command_ended};

void session_exec(struct session *session, const char *line, bool raw)
{
	const struct fleet_args *args = &session->fleet->args;
	struct buf command = BUF_INIT;
	struct err err = ERR_INIT;

	announcement_finish(&session->announcement);
	announcement_init(&session->announcement);
	session->raw = raw;
	session->running = true;
	if (args->command_timeout_ms > 0)
		uv_timer_start(&session->deadline, session->deadline.timer_cb,
			       (uint64_t)args->command_timeout_ms, 0);
	if (raw)
		buf_text(&command, line);
	else if (remote_wrap(args->remote, line, &command, &err)) {
		session->running = false;
		session_close(session, OUTCOME_FAILED, "command", err.text, true);
		goto out;
	}
	session->transport->ops->exec(session->transport, command.at,
				      handler_of(session)->input ? &command_events
								 : &command_events_without_input,
				      session);
out:
	buf_finish(&command);
}

void session_feed(struct session *session)
{
	if (session->transport && !session->closed)
		session->transport->ops->feed(session->transport);
}
