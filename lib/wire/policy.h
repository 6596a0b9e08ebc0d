/*
 * How far a run goes: in which batches, and when it stops. Servers are added as they are picked;
 * they are released to the fleet as the policy allows, at once when there is nothing to wait for.
 * Shares (P%) and random order need to know all servers, so they wait for the last.
 */
#ifndef MROOM_WIRE_POLICY_H
#define MROOM_WIRE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/room/server.h"
#include "lib/wire/fleet.h"

/* policy_opts is the table. */
struct policy_args {
	bool first;	      /* -k */
	const char *max_fail; /* "N" or "P%"; NULL: no budget */
	const char *batch;    /* the same */
	long canary;
	int64_t pause_ms;
	long retries;
	bool random;
};
extern const struct opt policy_opts[];
extern const struct opt retry_opts[]; /* --retries alone, for tools with batches of their own */

struct policy;

struct policy_events {
	void (*release)(void *ctx, const struct server *server);
	/* No further server may begin, and with `kill` none may go on. policy_skip is due. */
	void (*stop)(void *ctx, bool kill, const char *why);
};

/* -1 (status 2): a number or share that is none. */
int policy_check(const struct policy_args *args, struct err *err);
/* args are good, and outlive it. */
struct policy *policy_create(uv_loop_t *loop, const struct policy_args *args,
			     const struct policy_events *events, void *ctx);
/* Closes the handles; policy_destroy once the loop has ended. */
void policy_close(struct policy *policy);
void policy_destroy(struct policy *policy); /* NULL is allowed */

void policy_add(struct policy *policy, const struct server *server); /* copies */
/* No more will be added. */
void policy_end(struct policy *policy);
/* A released server is done: true when it will be tried again, and is not done after all. */
bool policy_closed(struct policy *policy, const struct server *server, const struct result *result);
/* Takes the next server that was never released out, for the caller to finish; false: there is
 * none. Nothing is released any more after the first call. */
bool policy_skip(struct policy *policy, struct server *server);

/* Whether all servers have to be known first. */
bool policy_collects(const struct policy *policy);
size_t policy_waiting(const struct policy *policy);
size_t policy_total(const struct policy *policy); /* servers added */
/* Whether nothing will be released any more, once policy_end was called. */
bool policy_idle(const struct policy *policy);

#endif
