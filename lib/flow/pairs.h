/* (server, container) pairs as they are piped in: the first two fields of each record. */
#ifndef MROOM_FLOW_PAIRS_H
#define MROOM_FLOW_PAIRS_H

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/map.h"

/* Reads all of it: server id -> struct list * of containers; `servers` gets the ids in the order
 * they came. A record without a second field is status 2 and names source and line. NULL on error. */
struct map *pairs_read(int fd, const char *source, struct list *servers, struct err *err);
void pairs_destroy(struct map *pairs); /* NULL is allowed */

#endif
