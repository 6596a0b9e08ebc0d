/*
 * What is remembered about servers: values, which are JSON, by server and key. A key may be a path
 * that reaches inside a value, state_key.h.
 *
 * Each change notes who changed what, when, and from what, in the same transaction: history.
 * Setting what is already there is no change. Every function is one transaction of its own, or part
 * of the one that is open (store_begin).
 */
#ifndef MROOM_ROOM_STORE_STATE_H
#define MROOM_ROOM_STORE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/store.h"

/* Appends the value, as JSON: 1; 0 when there is none (or no such server); -1. */
int store_state_get(struct store *store, const char *id, const char *key, struct buf *json,
		    struct err *err);

/*
 * Sets a value; NULL json unsets it. `by` names the tool: "health". What is no JSON, and a path
 * through something that is no object, are status 2. A server that is not in the store, such as an
 * address, has no state: nothing is kept then, and that is no error.
 */
int store_state_set(struct store *store, const char *id, const char *key, const char *json,
		    const char *by, struct err *err);

/* The same, provided that nothing is there (expect NULL), or exactly `expect`: 1 when it was so; 0
 * when not, or without such a server: nothing changed; -1. */
int store_state_swap(struct store *store, const char *id, const char *key, const char *expect,
		     const char *json, const char *by, struct err *err);

/* Adds to an integer (nothing counts as 0) and appends what it is now: 1; 0 when there is no such
 * server; -1, status 2 when it is something else or would not fit 64 bits. */
int store_state_add(struct store *store, const char *id, const char *key, int64_t number,
		    const char *by, struct buf *json, struct err *err);

struct state_row {
	const char *id, *key;
	const char *json;
	int64_t changed_at; /* ms since the epoch */
	const char *changed_by;
};

/* Calls fn for what is remembered of one server, of one key (without a path), of both or, with NULL
 * twice, of all: by id, then key. The row is valid during the call; fn may not write to the store.
 * fn returning -1 (err set) stops. */
typedef int state_fn(void *ctx, const struct state_row *row, struct err *err);
int store_state_each(struct store *store, const char *id, const char *key, state_fn *fn, void *ctx,
		     struct err *err);

/* The keys that any server has; whether any has this one: 1, 0, -1. */
int store_state_keys(struct store *store, struct list *into, struct err *err);
int store_state_key_exists(struct store *store, const char *key, struct err *err);

#endif
