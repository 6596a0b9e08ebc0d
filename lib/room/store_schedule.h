/*
 * When something is to be done to servers again: by key, such as "backup", and server. A server
 * without an entry is due.
 */
#ifndef MROOM_ROOM_STORE_SCHEDULE_H
#define MROOM_ROOM_STORE_SCHEDULE_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/room/store.h"

#define SCHEDULE_NEVER INT64_MIN

struct schedule_row {
	const char *id, *key;
	int64_t due_at; /* ms since the epoch; SCHEDULE_NEVER: not again */
	int64_t every;	/* ms; 0: once */
};

/* Enters when a server is due; replaces what was there. Nothing happens without such a server. */
int store_schedule_set(struct store *store, const struct schedule_row *row, struct err *err);
/* Reads the entry of row's id and key: 1, 0 (there is none), -1. */
int store_schedule_get(struct store *store, struct schedule_row *row, struct err *err);
/* Removes the entry: the server is due, as one to which nothing was done yet. */
int store_schedule_clear(struct store *store, const char *id, const char *key, struct err *err);

/*
 * Notes that it is done, at `now`: due again at the next multiple of its period after that, or
 * never where there is none. every > 0 becomes its period.
 */
int store_schedule_done(struct store *store, const char *id, const char *key, int64_t every,
			int64_t now, struct err *err);

/* Calls fn for each entry, by key, then id; key NULL: all. As store_state_each. */
typedef int schedule_fn(void *ctx, const struct schedule_row *row, struct err *err);
int store_schedule_each(struct store *store, const char *key, schedule_fn *fn, void *ctx,
			struct err *err);

/* Calls fn for each server that is not retired and is due at `now`, in the order of the inventory;
 * due_at of one without an entry is SCHEDULE_NEVER. */
int store_schedule_due(struct store *store, const char *key, int64_t now, schedule_fn *fn,
		       void *ctx, struct err *err);
/* The keys that have entries. */
int store_schedule_keys(struct store *store, struct list *into, struct err *err);

#endif
