/*
 * Servers that hang up unheard, because too many are at their door, are dialled again: after a
 * pause that grows and differs from one to the next, and when their gate has room.
 */
#include <sodium.h>

#include "lib/base/mem.h"
#include "lib/wire/session.h"

#define PAUSE_MS ((uint64_t)100)
#define PAUSE_DOUBLED_MAX 4

void session_leave_gate(struct session *session, enum gate_how how)
{
	if (!session->at_gate)
		return;
	session->at_gate = false;
	gate_leave(session->gate, how);
	fleet_fill_soon(session->fleet);
}

static void session_pause_over(uv_timer_t *timer)
{
	struct session *session = timer->data;
	struct fleet *fleet = session->fleet;

	session->redials = true;
	session->redials_next = NULL;
	*fleet->redials_last = session;
	fleet->redials_last = &session->redials_next;
	fleet_fill_soon(fleet);
}

void session_redial(struct session *session)
{
	uint64_t pause =
	    PAUSE_MS << (session->drops < PAUSE_DOUBLED_MAX ? session->drops : PAUSE_DOUBLED_MAX);

	session->drops++;
	session->phase = PHASE_WAIT;
	session->transport->ops->destroy(session->transport, false);
	session->transport = NULL;
	session_leave_gate(session, GATE_DROPPED);
	/* The timer has its other use only once the server is logged in. */
	uv_timer_start(&session->keepalive, session_pause_over,
		       pause / 2 + randombytes_uniform((uint32_t)pause), 0);
}

static void session_unlink(struct session **at)
{
	struct session *session = *at;
	struct fleet *fleet = session->fleet;

	session->redials = false;
	*at = session->redials_next;
	if (!*at)
		fleet->redials_last = at;
}

void session_redial_forget(struct session *session)
{
	struct session **at = &session->fleet->redials;

	if (!session->redials)
		return;
	while (*at != session)
		at = &(*at)->redials_next;
	session_unlink(at);
}

struct session *fleet_redial_next(struct fleet *fleet)
{
	for (struct session **at = &fleet->redials; *at; at = &(*at)->redials_next) {
		struct session *session = *at;

		if (!gate_room(session->gate))
			continue;
		session_unlink(at);
		return session;
	}
	return NULL;
}
