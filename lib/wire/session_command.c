/* A command on a server: composed, run, and watched until it ends. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/session.h"

static const struct fleet_handler *handler_of(const struct session *session)
{
	return session->fleet->handler;
}

static void pass_on(struct session *session, enum stream stream, const struct buf *bytes)
{
	const struct fleet_handler *handler = handler_of(session);

	if (bytes->len > 0 && !session->stopping && handler->output)
		handler->output(session->own, session, stream, bytes->at, bytes->len);
}

/* An announcement: the command runs; or, as a file was sent, it is there. False when another one is
 * due. */
static bool announced(struct session *session)
{
	struct announcement *announcement = &session->announcement;

	if (session->lines_due > (session->how.count > 0))
		session->group = announcement->group;
	ascent_arrive(&session->ascent);
	session->lines_due = announcement->missed ? 0 : session->lines_due - 1;
	return session->lines_due == 0;
}

/* Standard output in which announcements are still due. */
static void announcement_output(struct session *session, const char *bytes, size_t count)
{
	struct announcement *announcement = &session->announcement;
	struct buf held = BUF_INIT;
	bool more = true, begun = false;

	buf_add(&held, bytes, count);
	while (more && !begun &&
	       announcement_feed(announcement, session->fleet->args.remote, held.at, held.len)) {
		buf_finish(&held);
		held = announcement->held;
		begun = announced(session);
		more = held.len > 0;
		announcement_init(announcement);
	}
	if (session->stopping && session->group > 0)
		session_kill(session);
	if (session->ascent.arrived) {
		pass_on(session, STREAM_ERR, &session->ascent.said);
		buf_finish(&session->ascent.said);
	}
	if (begun)
		pass_on(session, STREAM_OUT, &held);
	buf_finish(&held);
	if (session->ascent.arrived && !session->closed)
		session->transport->ops->feed(session->transport);
}

static void command_output(void *ctx, enum stream stream, const char *bytes, size_t count)
{
	struct session *session = ctx;
	const struct fleet_handler *handler = handler_of(session);

	if (!session->ascent.arrived && (stream == STREAM_ERR || session->how.tty)) {
		/* On a terminal it asks on the one stream there is. */
		if (session_ascend(session, &session->ascent, bytes, count))
			buf_clear(&session->announcement.held);
		else if (stream == STREAM_OUT)
			announcement_output(session, bytes, count);
	} else if (stream == STREAM_OUT && session->lines_due > 0) {
		announcement_output(session, bytes, count);
	} else if (!session->stopping && handler->output) {
		handler->output(session->own, session, stream, bytes, count);
	}
}

/* What goes ahead of the command's own input. */
static size_t send_bytes(struct session *session, char *into, size_t room)
{
	size_t left = session->how.count - session->sent;
	size_t count = left < room ? left : room;

	memcpy(into, session->how.bytes + session->sent, count);
	session->sent += count;
	return count;
}

static size_t command_input(void *ctx, char *into, size_t room, bool *end)
{
	struct session *session = ctx;
	const struct fleet_handler *handler = handler_of(session);

	*end = session->stopping;
	if (session->stopping)
		return 0;
	if (!session->ascent.arrived)
		return ascent_input(&session->ascent, into, room, end);
	if (session->sent < session->how.count)
		return send_bytes(session, into, room);
	*end = !handler->input;
	if (!handler->input || (session->how.count > 0 && session->lines_due > 0))
		return 0;
	return handler->input(session->own, session, into, room, end);
}

/* sudo would not, or the login shell is none: the command never began. */
static void command_refused(struct session *session, const struct ending *ending)
{
	char why[400];

	ascent_explain(&session->ascent, ending->status, why, sizeof(why));
	session_end(session, OUTCOME_DENIED, "sudo", "%s", why);
}

static void command_ended(void *ctx, const struct ending *ending)
{
	struct session *session = ctx;
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
	if (!session->ascent.arrived && ending->how == ENDING_EXIT) {
		command_refused(session, ending);
		return;
	}
	pass_on(session, STREAM_OUT, &session->announcement.held);
	if (ending->how == ENDING_EXIT)
		session->exit_status = ending->status;
	if (handler->ended)
		handler->ended(session->own, session, ending);
	else
		session_end_as(session, ending);
}

static const struct channel_events *events_for(const struct session *session)
{
	static const struct channel_events subsystem = {.output = command_output,
							.input = command_input,
							.ended = command_ended,
							.subsystem = true};
	static const struct channel_events table[2][2] = {
	    {{.output = command_output, .ended = command_ended},
	     {.output = command_output, .ended = command_ended, .tty = true}},
	    {{.output = command_output, .input = command_input, .ended = command_ended},
	     {.output = command_output,
	      .input = command_input,
	      .ended = command_ended,
	      .tty = true}},
	};
	bool input = handler_of(session)->input || session->ascent.become || session->how.count > 0;

	if (session->how.subsystem)
		return &subsystem;
	return &table[input][session->how.tty];
}

/* What is sent: the line, or the script, or, where that is too long for SSH, what takes it as a file,
 * for the user's shell or for sh. */
static int compose(struct session *session, const char *what, struct buf *command, struct err *err)
{
	const struct fleet_args *args = &session->fleet->args;
	const char *sudo = args->become ? args->become->user : NULL;
	struct exec_how *how = &session->how;
	struct buf carrier = BUF_INIT;
	int result;

	if (how->raw) {
		buf_text(command, what);
		return 0;
	}
	if (!remote_wrap(args->remote, what, how->argv, sudo, command, err) &&
	    (!session->transport->command_max || command->len <= session->transport->command_max))
		return 0;
	if (how->count > 0 || how->tty)
		return -1;
	buf_clear(command);
	free(session->long_line);
	how->bytes = session->long_line = mem_text(what);
	how->count = strlen(what);
	remote_file(args->remote, how->count, how->argv ? "sh" : "shell", how->argv, &carrier);
	result = remote_wrap(args->remote, carrier.at, NULL, sudo, command, err);
	buf_finish(&carrier);
	return result;
}

void session_exec(struct session *session, const char *what, const struct exec_how *how)
{
	static const struct exec_how usual = {.raw = false};
	const struct fleet_args *args = &session->fleet->args;
	struct buf command = BUF_INIT;
	struct err err = ERR_INIT;
	int failed;

	session->how = how ? *how : usual;
	announcement_finish(&session->announcement);
	announcement_init(&session->announcement);
	ascent_begin(&session->ascent, session->how.raw ? NULL : args->become, args->remote);
	session->sent = 0;
	session->group = 0;
	session->running = session->begun = true;
	if (args->command_timeout_ms > 0)
		session_deadline_start(session, session->deadline.timer_cb,
				       args->command_timeout_ms);
	failed = compose(session, what, &command, &err);
	session->how.argv = NULL; /* the caller's */
	if (failed) {
		session->running = false;
		session_close(session, OUTCOME_FAILED, "command", err.text, true);
	} else {
		session->lines_due = session->how.raw ? 0 : 1 + (session->how.count > 0);
		session->transport->ops->exec(session->transport, command.at, events_for(session),
					      session);
	}
	buf_finish(&command);
}

bool session_announced(const struct session *session)
{
	return session->lines_due == 0;
}

void session_script(struct session *session, const char *script, const char *const *argv)
{
	static const char *const none[] = {NULL};
	const struct exec_how how = {.argv = argv ? argv : none};

	session_exec(session, script, &how);
}

void session_feed(struct session *session)
{
	if (session->transport && !session->closed)
		session->transport->ops->feed(session->transport);
}
