/* What the state of servers was: each change, by whom, when, and from what. */
#ifndef MROOM_ROOM_STORE_HISTORY_H
#define MROOM_ROOM_STORE_HISTORY_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/room/store.h"

struct history_row {
	const char *id, *key;
	const char *old, *value; /* JSON; NULL: nothing was there, nothing is left */
	int64_t changed_at;	 /* ms since the epoch */
	const char *changed_by;	 /* the tool */
	const char *user;
};

/* Oldest first. id and key NULL leave them open; nothing before `since` (ms). A server that is gone
 * still has its history. As store_state_each. */
typedef int history_fn(void *ctx, const struct history_row *row, struct err *err);
int store_history_each(struct store *store, const char *id, const char *key, int64_t since,
		       history_fn *fn, void *ctx, struct err *err);

/* Forgets what changed before `before`, but for each key its latest change: *count of them. */
int store_history_prune(struct store *store, int64_t before, int64_t *count, struct err *err);

#endif
