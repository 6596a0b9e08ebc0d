#include "lib/wire/jump.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/deadline.h"

/* A queue that takes longer than this to serve is worth another session, up to so many. */
#define QUEUE_MS 250
#define SESSIONS_MAX 8

/* An open that takes this long hangs on its target: its session serves no others meanwhile. */
#define STUCK_MS 1000
#define SESSIONS_WITH_STUCK_MAX 64

/* A host that could not be reached is not asked again for so long: its other servers fail at once.
 */
#define REST_MS 5000

#define LOOK_MS 100

struct jump_request {
	struct jump_request *next;
	struct jump_host *host;
	char *target;
	long port;
	forward_fn *fn; /* NULL: given up while its open is under way */
	void *ctx;
	struct jump_session *session; /* where it is being opened; NULL: waits */
	bool retried;
};

struct jump_session {
	struct jump_session *next;
	struct jump_host *host;
	struct transport *transport;
	uv_timer_t deadline;
	bool ready, gone;
	struct jump_request *opening;
	int64_t since; /* when the dial, or the open, began */
	int64_t excused_ms;
};

struct jump_host {
	struct jump_host *next;
	struct jumps *jumps;
	const struct login *login;
	struct jump_session *sessions;
	struct jump_request *first, **last; /* waiting */
	int64_t open_ms;		    /* what an open takes, about */
	int64_t rest_until, dial_at;	    /* not dialled before */
	int drops;			    /* dials in a row that the host dropped unheard */
	size_t limit;			    /* sessions that it grants, as far as is known */
	char trouble[512];		    /* why it could not be reached last */
	const char *reason;		    /* "kex" when ssh(1) may reach it; else "jump" */
};

struct jumps {
	struct wire *wire;
	struct jump_host *hosts;
	uv_timer_t timer; /* all decisions are made in its callback, outside of anybody else's */
	bool stopped;
};

static void jumps_work(uv_timer_t *timer);

/* Has the work looked at after ms, or sooner. */
static void jumps_soon(struct jumps *jumps, uint64_t ms)
{
	if (jumps->stopped)
		return;
	if (!uv_is_active((uv_handle_t *)&jumps->timer) || uv_timer_get_due_in(&jumps->timer) > ms)
		uv_timer_start(&jumps->timer, jumps_work, ms, 0);
}

struct jumps *jumps_create(struct wire *wire)
{
	struct jumps *jumps = mem_zero(1, sizeof(*jumps));

	jumps->wire = wire;
	uv_timer_init(wire->loop, &jumps->timer);
	jumps->timer.data = jumps;
	return jumps;
}

/* --- requests --- */

static void request_free(struct jump_request *request)
{
	free(request->target);
	free(request);
}

static void request_queue(struct jump_request *request)
{
	struct jump_host *host = request->host;

	request->session = NULL;
	request->next = NULL;
	*host->last = request;
	host->last = &request->next;
	jumps_soon(host->jumps, 0);
}

static struct jump_request *request_take(struct jump_host *host)
{
	struct jump_request *request = host->first;

	host->first = request->next;
	if (!host->first)
		host->last = &host->first;
	return request;
}

static struct jump_host *jumps_host(struct jumps *jumps, const struct login *login)
{
	struct jump_host *host = jumps->hosts;

	while (host && host->login != login)
		host = host->next;
	if (host)
		return host;
	host = mem_zero(1, sizeof(*host));
	host->jumps = jumps;
	host->login = login;
	host->last = &host->first;
	host->limit = SESSIONS_MAX;
	host->next = jumps->hosts;
	jumps->hosts = host;
	return host;
}

struct jump_request *jump_dial(struct jumps *jumps, const struct login *via, const char *host,
			       long port, forward_fn *fn, void *ctx)
{
	struct jump_request *request = mem_zero(1, sizeof(*request));

	request->host = jumps_host(jumps, via);
	request->target = mem_text(host);
	request->port = port;
	request->fn = fn;
	request->ctx = ctx;
	request_queue(request);
	return request;
}

void jump_cancel(struct jump_request *request)
{
	struct jump_host *host = request->host;
	struct jump_request **at = &host->first;

	if (request->session) { /* the open cannot be taken back: what it gives is dropped */
		request->fn = NULL;
		return;
	}
	while (*at != request)
		at = &(*at)->next;
	*at = request->next;
	if (!request->next)
		host->last = at;
	request_free(request);
}

/* Everyone who waits for this host hears why there is no way through it. */
static void host_fail_all(struct jump_host *host)
{
	while (host->first) {
		struct jump_request *request = request_take(host);

		request->fn(request->ctx, NULL, host->reason, host->trouble);
		request_free(request);
	}
}

/* --- sessions to a host --- */

static void session_freed(uv_handle_t *handle)
{
	free(handle->data);
}

static void session_destroy(struct jump_session *session, bool politely)
{
	struct jump_session **at = &session->host->sessions;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	session->transport->ops->destroy(session->transport, politely);
	uv_close((uv_handle_t *)&session->deadline, session_freed);
}

static void session_phase(void *ctx, enum phase phase)
{
	(void)ctx;
	(void)phase;
}

static void session_ready(void *ctx)
{
	struct jump_session *session = ctx;
	struct jump_host *host = session->host;

	session->ready = true;
	uv_timer_stop(&session->deadline);
	host->drops = 0;
	/* Logging in took about ten round trips, an open takes one and what the target adds. */
	if (host->open_ms == 0)
		host->open_ms = 1 + (clock_mono_ms() - session->since) / 10;
	jumps_soon(host->jumps, 0);
}

/* A busy sshd drops connections unheard (MaxStartups): soon there may be room, for fewer of us. */
static void host_dropped(struct jump_host *host, size_t left)
{
	int64_t pause = 100LL << (host->drops < 4 ? host->drops : 4);

	host->drops++;
	host->limit = left > 0 ? left : 1;
	host->dial_at = clock_mono_ms() + pause / 2 + (int64_t)randombytes_uniform((uint32_t)pause);
	jumps_soon(host->jumps, 0);
}

static void session_lost(struct jump_session *session, const char *reason, const char *message)
{
	struct jump_host *host = session->host;
	bool was_ready = session->ready;
	size_t left = 0;

	session->ready = false;
	session->gone = true;
	for (const struct jump_session *other = host->sessions; other; other = other->next)
		left += !other->gone;
	if (!was_ready && !strcmp(reason, "dropped")) {
		host_dropped(host, left);
	} else if (!was_ready && left == 0) {
		snprintf(host->trouble, sizeof(host->trouble), "%s %s: %s",
			 login_kind(host->login), host->login->name, message);
		host->reason = !strcmp(reason, "kex") ? "kex" : host->login->tunnel ? "tunnel" : "jump";
		host->rest_until = clock_mono_ms() + REST_MS;
	} else if (!was_ready) {
		host->limit = left;
	}
	jumps_soon(host->jumps, 0);
}

static void session_failed(void *ctx, enum outcome outcome, const char *reason, const char *message)
{
	(void)outcome;
	session_lost(ctx, reason, message);
}

static void session_deadline(uv_timer_t *timer)
{
	struct jump_session *session = timer->data;

	if (!deadline_excused(timer, session->host->jumps->wire->keyring, &session->excused_ms))
		session_lost(session, "timeout", "no answer in time");
}

static const struct transport_events session_events = {
    .phase = session_phase, .ready = session_ready, .failed = session_failed};

static void session_create(struct jump_host *host)
{
	struct jump_session *session = mem_zero(1, sizeof(*session));
	struct wire *wire = host->jumps->wire;

	session->host = host;
	session->since = clock_mono_ms();
	session->next = host->sessions;
	host->sessions = session;
	uv_timer_init(wire->loop, &session->deadline);
	session->deadline.data = session;
	/* A little less than the servers behind it have, so that they hear what was wrong. */
	deadline_start(&session->deadline, session_deadline, wire->connect_timeout_ms * 9 / 10,
		       wire->keyring, &session->excused_ms);
	session->transport = ssh2_create(wire, host->login, &session_events, session);
	session->transport->unpaused = true; /* each server behind it holds back its own */
	session->transport->ops->start(session->transport);
}

/* --- the work: requests and sessions are brought together --- */

static void request_opened(void *ctx, struct forward *forward, const char *reason,
			   const char *message)
{
	struct jump_request *request = ctx;
	struct jump_session *session = request->session;
	struct jump_host *host = session->host;
	int64_t took = clock_mono_ms() - session->since;

	session->opening = NULL;
	host->open_ms = took > STUCK_MS ? host->open_ms : (host->open_ms * 3 + took + 3) / 4;
	jumps_soon(host->jumps, 0);
	if (request->fn && !forward && !strcmp(reason, "lost") && !request->retried) {
		request->retried = true; /* the session had died idle: another may do */
		request_queue(request);
		return;
	}
	if (request->fn)
		request->fn(request->ctx, forward, reason, message);
	else if (forward)
		forward_drop(forward);
	request_free(request);
}

static void session_open(struct jump_session *session, struct jump_request *request)
{
	session->opening = request;
	session->since = clock_mono_ms();
	request->session = session;
	ssh2_forward(session->transport, request->target, request->port, request_opened, request);
}

/* How many more sessions the queue is worth. */
static size_t host_lacks(const struct jump_host *host, size_t waiting)
{
	size_t live = 0, stuck = 0, ready = 0, want;
	int64_t now = clock_mono_ms();

	for (const struct jump_session *session = host->sessions; session;
	     session = session->next) {
		live += !session->gone;
		ready += session->ready;
		stuck += session->opening && now - session->since > STUCK_MS;
	}
	if (waiting == 0 || now < host->dial_at || (ready == 0 && live > 0))
		return 0;
	want = ready ? (size_t)(1 + (int64_t)waiting * host->open_ms / QUEUE_MS) : 1;
	if (want > host->limit)
		want = host->limit;
	want += stuck;
	if (want > SESSIONS_WITH_STUCK_MAX)
		want = SESSIONS_WITH_STUCK_MAX;
	return want > live ? want - live : 0;
}

static void host_work(struct jump_host *host)
{
	struct jump_session *session, *next;
	size_t waiting = 0;

	for (session = host->sessions; session; session = next) {
		next = session->next;
		if (session->gone)
			session_destroy(session, false);
	}
	if (clock_mono_ms() < host->rest_until && !host->sessions)
		host_fail_all(host);
	for (session = host->sessions; session && host->first; session = session->next)
		if (session->ready && !session->opening)
			session_open(session, request_take(host));
	for (const struct jump_request *request = host->first; request; request = request->next)
		waiting++;
	for (size_t lacking = host_lacks(host, waiting); lacking > 0; lacking--)
		session_create(host);
	if (waiting > 0)
		jumps_soon(host->jumps, LOOK_MS);
}

static void jumps_work(uv_timer_t *timer)
{
	struct jumps *jumps = timer->data;

	for (struct jump_host *host = jumps->hosts; host; host = host->next)
		host_work(host);
}

void jumps_stop(struct jumps *jumps)
{
	if (jumps->stopped)
		return;
	jumps->stopped = true;
	/* Those behind another first, while their farewell still gets through. */
	for (int all = 0; all < 2; all++)
		for (struct jump_host *host = jumps->hosts; host; host = host->next)
			while (host->sessions && (all || host->login->via))
				session_destroy(host->sessions, true);
	uv_close((uv_handle_t *)&jumps->timer, NULL);
}

void jumps_destroy(struct jumps *jumps)
{
	if (!jumps)
		return;
	while (jumps->hosts) {
		struct jump_host *host = jumps->hosts;

		jumps->hosts = host->next;
		free(host);
	}
	free(jumps);
}
