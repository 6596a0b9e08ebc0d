#include "lib/wire/session.h"

#include <stdarg.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/deadline.h"

/* So many keepalives in a row without an answer, and the server is lost. */
#define KEEPALIVES_LOST 3

/* libssh2 asks no oftener than every two seconds, and a question that was not asked gets no answer. */
#define KEEPALIVE_MIN_MS 3000

const struct server *session_server(const struct session *session)
{
	return &session->server;
}

const char *session_user(const struct session *session)
{
	return session->account.login.user;
}

const struct remote *session_remote(const struct session *session)
{
	return session->fleet->args.remote;
}

uv_loop_t *session_loop(const struct session *session)
{
	return session->fleet->loop;
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
	ascent_finish(&session->ascent);
	ascent_finish(&session->kill_ascent);
	account_finish(&session->account);
	free(session->long_line);
	free(session);
}

void session_close(struct session *session, enum outcome outcome, const char *reason,
		   const char *message, bool politely)
{
	struct fleet *fleet = session->fleet;
	struct result result = {outcome,
				reason,
				message,
				session->exit_status,
				session->started_ms,
				clock_mono_ms() - session->started_mono, session->begun};

	if (session->closed)
		return;
	session->closed = true;
	uv_timer_stop(&session->deadline);
	session_redial_forget(session);
	session_leave_gate(session, GATE_NEITHER);
	if (handler_of(session)->closed)
		handler_of(session)->closed(fleet->ctx, session->own, &session->server, &result);
	if (session_keepable(session, politely)) {
		session_keep(session);
		return;
	}
	fleet_forget(fleet, session);
	session_release(session, politely);
}

void session_release(struct session *session, bool politely)
{
	uv_timer_stop(&session->keepalive);
	if (session->transport)
		session->transport->ops->destroy(session->transport, politely);
	session->transport = NULL;
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
	case ENDING_UNTOLD:
		session_end(session, OUTCOME_FAILED, "exit",
			    "the server ended the command without an exit status");
		break;
	case ENDING_REFUSED:
		session_end(session, OUTCOME_DENIED, "exec", "%s", ending->problem);
		break;
	default: /* `failed` of the transport follows and says more */
		break;
	}
}

static void session_phase(void *ctx, enum phase phase)
{
	static const char *const names[] = {
	    [PHASE_JUMP] = "going through its jump host",
	    [PHASE_CONNECT] = "connecting",
	    [PHASE_HANDSHAKE] = "handshake",
	    [PHASE_AUTHENTICATE] = "logging in",
	};
	struct session *session = ctx;

	session->phase = phase;
	session_trace(session, names[phase]);
}

static void session_keepalive(uv_timer_t *timer)
{
	struct session *session = timer->data;
	struct fleet *fleet = session->fleet;
	int64_t quiet = session->transport->ops->keepalive(session->transport);
	int64_t now = (int64_t)uv_now(fleet->loop), asked = session->asked;

	session->asked = now;
	/* While output is held back nothing is read, so silence proves nothing. What came since the
	 * question before is an answer, however late this timer was called. */
	if (fleet->wire.paused || quiet <= now - asked)
		session->silent = 0;
	else if (++session->silent < KEEPALIVES_LOST)
		return;
	else if (session->kept)
		session_unkeep(session, false);
	else
		session_close(session, OUTCOME_UNREACHABLE, "lost",
			      "connection lost: the server no longer answers", false);
}

static void session_ready(void *ctx)
{
	struct session *session = ctx;
	struct fleet *fleet = session->fleet;
	uint64_t interval = (uint64_t)fleet->args.keepalive_ms;

	session->phase = PHASE_RUN;
	session_trace(session, "logged in");
	uv_timer_stop(&session->deadline);
	session->asked = (int64_t)uv_now(fleet->loop);
	if (interval > 0 && interval < KEEPALIVE_MIN_MS)
		interval = KEEPALIVE_MIN_MS;
	if (interval > 0)
		uv_timer_start(&session->keepalive, session_keepalive, interval, interval);
	session_leave_gate(session, GATE_SERVED);
	fleet->handler->ready(session->own, session);
}

static void session_failed(void *ctx, enum outcome outcome, const char *reason, const char *message)
{
	struct session *session = ctx;
	char text[900];

	if (session->kept) {
		session_trace(session, message);
		session_unkeep(session, false);
		return;
	}
	if (session->stopping) {
		session_stopped(session);
		return;
	}
	if (session->phase < PHASE_RUN && session_fall_back(session, reason, message))
		return;
	if (session->phase < PHASE_RUN && !strcmp(reason, "dropped")) {
		session_trace(session, "dropped unheard, will be dialled again");
		session_redial(session);
		return;
	}
	if (session->phase == PHASE_RUN)
		snprintf(text, sizeof(text), "%s while the command ran; how it ended is not known",
			 message);
	else
		snprintf(text, sizeof(text), "%s%s%s", message,
			 outcome == OUTCOME_DENIED && session->account.trouble.len > 0 ? "; " : "",
			 outcome == OUTCOME_DENIED ? session->account.trouble.at : "");
	session_close(session, outcome, reason, text, false);
}

static const struct transport_events transport_events = {
    .phase = session_phase, .ready = session_ready, .failed = session_failed};

void session_deadline_start(struct session *session, uv_timer_cb late, int64_t ms)
{
	deadline_start(&session->deadline, late, ms, session->fleet->args.keyring,
		       &session->excused_ms);
}

static void session_deadline(uv_timer_t *timer)
{
	static const char *const doing[] = {
	    [PHASE_WAIT] = "connecting",
	    [PHASE_RESOLVE] = "looking up the name",
	    [PHASE_JUMP] = "going through ",
	    [PHASE_CONNECT] = "connecting",
	    [PHASE_HANDSHAKE] = "waiting for its SSH handshake",
	    [PHASE_AUTHENTICATE] = "logging in",
	};
	struct session *session = timer->data;
	const struct fleet_args *args = &session->fleet->args;
	struct buf text = BUF_INIT;

	if (deadline_excused(timer, args->keyring, &session->excused_ms))
		return;
	if (session->stopping) {
		session_stopped(session);
	} else if (session->phase == PHASE_RUN) {
		buf_text(&text, "still running after ");
		num_show_duration(&text, args->command_timeout_ms);
		session_stop(session, OUTCOME_TIMEOUT, "timeout", text.at);
	} else if (session->drops > 0) {
		buf_format(&text,
			   "server closed the connection before it said a word, %d times "
			   "(too many connections at once?)",
			   session->drops);
		session_close(session, OUTCOME_UNREACHABLE, "dropped", text.at, false);
	} else {
		buf_text(&text, "no answer within ");
		num_show_duration(&text, session->account.ssh.connect_timeout_ms);
		buf_format(&text, ", %s", doing[session->phase]);
		if (session->phase == PHASE_JUMP)
			buf_format(&text, "%s %s", login_kind(session->account.login.via),
				   session->account.login.via->name);
		session_close(session, OUTCOME_UNREACHABLE, "timeout", text.at, false);
	}
	buf_finish(&text);
}

static struct session *session_new(struct fleet *fleet, struct server *server)
{
	struct session *session = mem_zero(1, sizeof(*session));

	session->fleet = fleet;
	session->server = *server;
	session->exit_status = -1;
	session->started_ms = clock_wall_ms();
	session->started_mono = clock_mono_ms();
	announcement_init(&session->announcement);
	ascent_init(&session->ascent);
	ascent_init(&session->kill_ascent);
	uv_timer_init(fleet->loop, &session->deadline);
	uv_timer_init(fleet->loop, &session->keepalive);
	session->deadline.data = session->keepalive.data = session;
	session->open_handles = 2;
	return session;
}

bool session_open(struct session *session)
{
	struct fleet *fleet = session->fleet;

	if (fleet->handler->open)
		session->own = fleet->handler->open(fleet->ctx, session);
	session->next = fleet->active;
	if (fleet->active)
		fleet->active->prev = session;
	fleet->active = session;
	fleet->active_count++;
	if (fleet->cancelled)
		session_close(session, OUTCOME_SKIPPED, "cancelled", fleet->cancelled, true);
	return !fleet->cancelled;
}

/* Held to a key that is not at hand, or in a way that cannot be held to one: nothing is tried, and the server has
 * refused nothing. */
static bool session_untried(struct session *session)
{
	struct keyring *keyring = session->fleet->args.keyring;
	char *why = keyring_unusable(keyring);

	if (why)
		session_close(session, OUTCOME_SKIPPED, REASON_UNTRIED, why, false);
	else if (session->speaker == ssh2_create || !keyring_is_restricted(keyring))
		return false;
	else
		session_close(session, OUTCOME_DENIED, REASON_UNTRIED,
			      "it is reached through ssh(1), where a login with certain keys alone "
			      "cannot be proved",
			      false);
	free(why);
	return true;
}

void session_start(struct fleet *fleet, struct server *server, struct gate *gate)
{
	struct session *session = session_new(fleet, server);
	struct err err = ERR_INIT;

	session->gate = gate;
	if (!session_open(session))
		return;
	if (account_open(&session->account, fleet->bastions, &fleet->args, &session->server,
			 &err)) {
		session_close(session, OUTCOME_UNREACHABLE, "jump", err.text, false);
		return;
	}
	session_deadline_start(session, session_deadline, session->account.ssh.connect_timeout_ms);
	session_choose(session);
	if (!session_untried(session))
		session_dial(session);
}

void session_dial(struct session *session)
{
	session->at_gate = true;
	gate_enter(session->gate);
	session->transport = session->speaker(&session->fleet->wire, &session->account.login,
					      &transport_events, session);
	session->transport->ops->start(session->transport);
}
