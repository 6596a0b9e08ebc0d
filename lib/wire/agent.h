/*
 * A client of ssh-agent (draft-miller-ssh-agent) on the event loop: lists keys and has data signed
 * without ever blocking. One connection, requests answered in order. The agent's socket dying fails
 * all that was asked and what is asked later; it never fails a run.
 */
#ifndef MROOM_WIRE_AGENT_H
#define MROOM_WIRE_AGENT_H

#include <stddef.h>
#include <uv.h>

#include "lib/wire/identity.h"

struct agent;

/* Connects to the socket at `path`. Never fails at once: trouble shows as an empty list. */
struct agent *agent_create(uv_loop_t *loop, const char *path);
/* Answers nothing any more; frees when the loop has let go of it. NULL is allowed. */
void agent_destroy(struct agent *agent);

/* Calls fn per key, then once with blob NULL at the end; problem (may be NULL) says why there is none. */
typedef void agent_key_fn(void *ctx, const void *blob, size_t size, const char *comment,
			  const char *problem);
void agent_list(struct agent *agent, agent_key_fn *fn, void *ctx);

/* As identity_sign. */
void agent_sign(struct agent *agent, const struct identity *identity, const char *algorithm,
		size_t algorithm_size, const void *data, size_t size, identity_signed_fn *fn,
		void *ctx);

/* The asker `ctx` goes away: its answer is thrown away when it comes. */
void agent_forget(struct agent *agent, const void *ctx);

#endif
