/* Stopping what runs on a server, and proving it; through sudo where that is how it was started. */
#include <string.h>

#include "lib/wire/session.h"

/* How long a kill may take to be proven. */
#define KILL_PATIENCE_MS 15000

/* --- through sudo --- */

/* sudo asks: with what was given for it, else with the server's own password, which is the same
 * account's. */
bool session_ascend(struct session *session, struct ascent *ascent, const char *bytes, size_t count)
{
	const struct fleet_args *args = &session->fleet->args;
	struct buf password = BUF_INIT;
	struct err err = ERR_INIT;
	enum ascent_news news = ascent_hear(ascent, bytes, count);

	if (news == ASCENT_NOTHING)
		return false;
	if (news == ASCENT_ASKED && args->become->have_password)
		ascent_answer(ascent, &args->become->password);
	else if (news == ASCENT_ASKED &&
		 keyring_password(args->keyring, &session->server, false, &password, &err) == 1)
		ascent_answer(ascent, &password);
	else
		ascent_refuse(ascent);
	buf_wipe(&password);
	session->transport->ops->feed(session->transport);
	return true;
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
	else if (session->kill_ascent.become)
		session_ascend(session, &session->kill_ascent, bytes, count);
}

static size_t kill_input(void *ctx, char *into, size_t room, bool *end)
{
	struct session *session = ctx;

	return ascent_input(&session->kill_ascent, into, room, end);
}

static void kill_ended(void *ctx, const struct ending *ending)
{
	(void)ending;
	session_stopped(ctx);
}

static const struct channel_events kill_events = {.output = kill_output, .ended = kill_ended};
static const struct channel_events kill_events_through_sudo = {
    .output = kill_output, .input = kill_input, .ended = kill_ended};

void session_kill(struct session *session)
{
	const struct fleet_args *args = &session->fleet->args;
	struct buf command = BUF_INIT;

	if (session->killing)
		return;
	session->killing = true;
	ascent_begin(&session->kill_ascent, args->become, args->remote);
	remote_kill(args->remote, session->group, args->become ? args->become->user : NULL,
		    &command);
	session->transport->ops->exec(session->transport, command.at,
				      args->become ? &kill_events_through_sudo : &kill_events,
				      session);
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
	if (session->how.raw) {
		session_stopped(session);
		return;
	}
	/* Its output is dropped from here on, so it need not wait for slow readers. */
	session->transport->unpaused = true;
	uv_timer_stop(&session->deadline);
	uv_timer_start(&session->deadline, session->deadline.timer_cb, KILL_PATIENCE_MS, 0);
	if (session->group > 0)
		session_kill(session);
	else
		session->transport->ops->feed(session->transport);
}
