/* What speaks SSH with a server: libssh2, or ssh(1) where that cannot; and who is told why. */
#include <stdarg.h>
#include <string.h>

#include "lib/wire/session.h"

void session_trace(struct session *session, const char *what)
{
	const struct fleet_args *args = &session->fleet->args;

	if (args->trace && args->steps)
		args->trace(session->fleet->ctx, &session->server, what);
}

void session_note(struct session *session, const char *format, ...)
{
	const struct fleet_args *fleet = &session->fleet->args;
	char text[512];
	va_list args;

	if (!fleet->trace || !fleet->notes)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fleet->trace(session->fleet->ctx, &session->server, text);
}

/* What on the way to the server, or of itself, only ssh(1) can do; NULL. */
static const char *needs_ssh(const struct login *login, const struct login **who)
{
	for (*who = login; *who; *who = (*who)->via)
		if ((*who)->needs_ssh)
			return (*who)->needs_ssh;
	return NULL;
}

void session_choose(struct session *session)
{
	const struct login *login = &session->account.login, *who;
	const char *need = needs_ssh(login, &who);

	session->speaker = ssh2_create;
	switch (session->fleet->args.speaker) {
	case SPEAKER_LOCAL:
		session->speaker = local_create;
		session_note(session, "on the console itself, as [ssh] transport says");
		break;
	case SPEAKER_OPENSSH:
		session->speaker = openssh_create;
		session_note(session, "through ssh(1), as [ssh] transport says");
		break;
	case SPEAKER_AUTO:
		if (!need)
			break;
		session->speaker = openssh_create;
		session_note(session, "through ssh(1), which %s needs: %s", who->name, need);
		break;
	default:
		break;
	}
}

bool session_fall_back(struct session *session, const char *reason, const char *message)
{
	if (session->fleet->args.speaker != SPEAKER_AUTO || session->speaker != ssh2_create ||
	    strcmp(reason, "kex") != 0 || keyring_is_restricted(session->fleet->args.keyring))
		return false;
	session->speaker = openssh_create;
	session_note(session, "through ssh(1): %s", message);
	session->transport->ops->destroy(session->transport, false);
	session_leave_gate(session, GATE_NEITHER);
	session_dial(session);
	return true;
}
