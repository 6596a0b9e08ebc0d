#include "lib/wire/session.h"

#include <stdarg.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"

/* So many keepalives in a row without an answer, and the server is lost. */
#define KEEPALIVES_LOST 3

const struct server *session_server(const struct session *session)
{
	return &session->server;
}

void *session_ctx(const struct session *session)
{
	return session->fleet->ctx;
}

static const struct fleet_handler *handler_of(const struct session *session)
{
	return session->fleet->handler;
}

static void session_freed(uv_handle_t *handle)
{
	struct session *session = handle->data;

	if (--session->open_handles > 0)
		return;
	server_finish(&session->server);
	announcement_finish(&session->announcement);
	buf_finish(&session->trouble);
	free(session->identities);
	free(session);
}

void session_close(struct session *session, enum outcome outcome, const char *reason,
		   const char *message, bool politely)
{
	struct fleet *fleet = session->fleet;
	struct result result = {outcome, reason, message, session->exit_status,
				session->started_ms,
				clock_mono_ms() - session->started_mono};

	if (session->closed)
		return;
	session->closed = true;
	uv_timer_stop(&session->deadline);
	uv_timer_stop(&session->keepalive);
	if (session->phase < PHASE_RUN)
		fleet_dialled(fleet);
	if (handler_of(session)->closed)
		handler_of(session)->closed(fleet->ctx, session->own, &session->server, &result);
	if (session->transport)
		session->transport->ops->destroy(session->transport, politely);
	session->transport = NULL;
	fleet_forget(fleet, session);
	uv_close((uv_handle_t *)&session->deadline, session_freed);
	uv_close((uv_handle_t *)&session->keepalive, session_freed);
}

void session_end(struct session *session, enum outcome outcome, const char *reason,
		 const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	session_close(session, outcome, reason, message[0] ? message : NULL, true);
}

void session_end_as(struct session *session, const struct ending *ending)
{
	switch (ending->how) {
	case ENDING_EXIT:
		if (ending->status == 0)
			session_end(session, OUTCOME_OK, NULL, "%s", "");
		else
			session_end(session, OUTCOME_FAILED, "exit", "exit status %d",
				    ending->status);
		break;
	case ENDING_SIGNAL:
		session_end(session, OUTCOME_FAILED, "signal", "killed by SIG%s", ending->signal);
		break;
	case ENDING_REFUSED:
		session_end(session, OUTCOME_DENIED, "exec", "%s", ending->problem);
		break;
	default: /* `failed` of the transport follows and says more */
		break;
	}
}

static void trace(struct session *session, const char *what)
{
	struct fleet *fleet = session->fleet;

	if (fleet->args.trace)
		fleet->args.trace(fleet->ctx, &session->server, what);
}

static void session_phase(void *ctx, enum phase phase)
{
	static const char *const names[] = {
		[PHASE_CONNECT] = "connecting",
		[PHASE_HANDSHAKE] = "handshake",
		[PHASE_AUTHENTICATE] = "logging in",
	};
	struct session *session = ctx;

	session->phase = phase;
	trace(session, names[phase]);
}

static void session_keepalive(uv_timer_t *timer)
{
	struct session *session = timer->data;
	struct fleet *fleet = session->fleet;
	int64_t interval = fleet->args.keepalive_ms;

	/* While output is held back nothing is read, so silence proves nothing. */
	if (fleet->wire.paused ||
	    session->transport->ops->keepalive(session->transport) < interval)
		session->silent = 0;
	else if (++session->silent >= KEEPALIVES_LOST)
		session_close(session, OUTCOME_UNREACHABLE, "lost",
			      "connection lost: the server no longer answers", false);
}

static void session_ready(void *ctx)
{
	struct session *session = ctx;
	struct fleet *fleet = session->fleet;
	uint64_t interval = (uint64_t)fleet->args.keepalive_ms;

	session->phase = PHASE_RUN;
	trace(session, "logged in");
	uv_timer_stop(&session->deadline);
	if (interval > 0)
		uv_timer_start(&session->keepalive, session_keepalive, interval, interval);
	fleet_dialled(fleet);
	fleet->handler->ready(session->own, session);
}

static void session_failed(void *ctx, enum outcome outcome, const char *reason, const char *message)
{
	struct session *session = ctx;
	char text[900];

	if (session->stopping) {
		session_stopped(session);
		return;
	}
	if (session->phase == PHASE_RUN)
		snprintf(text, sizeof(text), "%s while the command ran; how it ended is not known",
			 message);
	else
		snprintf(text, sizeof(text), "%s%s%s", message,
			 outcome == OUTCOME_DENIED && session->trouble.len > 0 ? "; " : "",
			 outcome == OUTCOME_DENIED ? session->trouble.at : "");
	session_close(session, outcome, reason, text, false);
}

static const struct transport_events transport_events = {
	.phase = session_phase, .ready = session_ready, .failed = session_failed};

static void session_deadline(uv_timer_t *timer)
{
	static const char *const doing[] = {
		[PHASE_WAIT] = "connecting",	     [PHASE_RESOLVE] = "looking up the name",
		[PHASE_CONNECT] = "connecting",	     [PHASE_HANDSHAKE] = "waiting for its SSH handshake",
		[PHASE_AUTHENTICATE] = "logging in",
	};
	struct session *session = timer->data;
	const struct fleet_args *args = &session->fleet->args;
	struct buf text = BUF_INIT;

	if (session->stopping) {
		session_stopped(session);
	} else if (session->phase == PHASE_RUN) {
		buf_text(&text, "still running after ");
		num_show_duration(&text, args->command_timeout_ms);
		session_stop(session, OUTCOME_TIMEOUT, "timeout", text.at);
	} else {
		buf_text(&text, "no answer within ");
		num_show_duration(&text, args->connect_timeout_ms);
		buf_format(&text, ", %s", doing[session->phase]);
		session_close(session, OUTCOME_UNREACHABLE, "timeout", text.at, false);
	}
	buf_finish(&text);
}

static int session_password(void *ctx, struct buf *password)
{
	struct session *session = ctx;
	struct err err = ERR_INIT;
	int found = keyring_password(session->fleet->args.keyring, &session->server, password, &err);

	if (found < 0)
		buf_format(&session->trouble, "%s%s", session->trouble.len ? "; " : "", err.text);
	return found;
}

static void session_login(struct session *session)
{
	const struct fleet_args *args = &session->fleet->args;
	const struct server *server = &session->server;
	struct login *login = &session->login;

	login->host = server->host;
	login->port = args->port ? args->port : server->port ? server->port : args->default_port;
	login->user = args->user ? args->user : server->user ? server->user : args->default_user;
	session->identities = keyring_identities(args->keyring, server, &login->identity_count,
						 &session->trouble);
	login->identities = session->identities;
	login->password = session_password;
	login->password_ctx = session;
	login->known = args->known;
	login->accept_new = args->accept_new;
}

static struct session *session_new(struct fleet *fleet, struct server *server)
{
	struct session *session = mem_zero(1, sizeof(*session));

	session->fleet = fleet;
	session->server = *server;
	session->exit_status = -1;
	session->started_ms = clock_wall_ms();
	session->started_mono = clock_mono_ms();
	buf_init(&session->trouble);
	announcement_init(&session->announcement);
	uv_timer_init(fleet->loop, &session->deadline);
	uv_timer_init(fleet->loop, &session->keepalive);
	session->deadline.data = session->keepalive.data = session;
	session->open_handles = 2;
	session->next = fleet->active;
	if (fleet->active)
		fleet->active->prev = session;
	fleet->active = session;
	fleet->active_count++;
	fleet->dialling++;
	return session;
}

void session_start(struct fleet *fleet, struct server *server)
{
	struct session *session = session_new(fleet, server);

	if (session->server.tunnel && !fleet->args.no_tunnel) {
		char *text = mem_format("tunnel %s: mroom does not bring tunnels up by itself yet "
					"(bring it up and try: --no-tunnel)",
					session->server.tunnel);

		session_close(session, OUTCOME_UNREACHABLE, "tunnel", text, false);
		free(text);
		return;
	}
	if (fleet->handler->open)
		session->own = fleet->handler->open(fleet->ctx, session);
	session_login(session);
	session->transport = ssh2_create(&fleet->wire, &session->login, &transport_events, session);
	uv_timer_start(&session->deadline, session_deadline,
		       (uint64_t)fleet->args.connect_timeout_ms, 0);
	session->transport->ops->start(session->transport);
}
