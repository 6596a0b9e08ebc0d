/*
 * A byte stream from a jump host to the server behind it: a direct-tcpip channel (RFC 4254,
 * section 7.2) of a libssh2 session. It is read as its reader asks, so that a slow one fills the
 * channel's window and nothing else.
 *
 * Opened with ssh2_forward; then it belongs to the link that forward_link puts on it, or is
 * dropped.
 */
#ifndef MROOM_WIRE_FORWARD_H
#define MROOM_WIRE_FORWARD_H

#include "lib/wire/link.h"
#include "lib/wire/transport.h"

struct forward;

/* Called once: a forward, or NULL with a class ("refused", "forbidden", "lost") and one line. */
typedef void forward_fn(void *ctx, struct forward *forward, const char *reason,
			const char *message);

/* Asks a session that is ready for a stream to host:port. fn may be called before this returns. The
 * open cannot be taken back: fn comes in any case, if only when the session is gone. */
void ssh2_forward(struct transport *transport, const char *host, long port, forward_fn *fn,
		  void *ctx);

/* Opens the link on it; closing the link closes the forward. */
void forward_link(struct forward *forward, struct link *link, void (*event)(void *ctx), void *ctx);
/* It is not wanted any more. */
void forward_drop(struct forward *forward);

#endif
