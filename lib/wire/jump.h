/*
 * Jump hosts: one session to each, shared by all servers behind it. Opening a stream takes a round
 * trip, and libssh2 opens one at a time, so that a host gets further sessions when its queue would
 * take long to serve, or when an open hangs because its target is silent. A jump host behind
 * another is reached the same way.
 */
#ifndef MROOM_WIRE_JUMP_H
#define MROOM_WIRE_JUMP_H

#include "lib/wire/forward.h"
#include "lib/wire/transport.h"

struct jumps;
struct jump_request;

struct jumps *jumps_create(struct wire *wire);
/* Closes all sessions, so that the loop can end; nobody may be using one. */
void jumps_stop(struct jumps *jumps);
void jumps_destroy(struct jumps *jumps); /* after the loop ended; NULL is allowed */

/*
 * Asks for a stream to host:port through the host `via`. fn is called once, not before this
 * returned: with NULL when there is none, and then message names the jump host.
 */
struct jump_request *jump_dial(struct jumps *jumps, const struct login *via, const char *host,
			       long port, forward_fn *fn, void *ctx);
/* fn is not called any more. Only before it was. */
void jump_cancel(struct jump_request *request);

#endif
