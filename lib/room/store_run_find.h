/* Earlier runs as sources of servers. */
#ifndef MROOM_ROOM_STORE_RUN_FIND_H
#define MROOM_ROOM_STORE_RUN_FIND_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/room/store.h"

/* The newest run of that terminal session that has ended: 1, 0 (none), -1. */
int store_run_newest(struct store *store, const char *session, int64_t *run, struct err *err);
/* "exec: uptime", for the caller to free: 1, 0 (there is no such run), -1. */
int store_run_title(struct store *store, int64_t run, char **title, struct err *err);
/* Appends the ids of the run's servers, of those that ended so alone unless `outcome` is NULL. */
int store_run_servers(struct store *store, int64_t run, const char *outcome, struct list *ids,
		      struct err *err);

#endif
