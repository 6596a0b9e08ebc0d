/*
 * Servers in the order they were named, each once; and what is excluded. Private to pick*.c.
 *
 * A server of the set is one block of memory: 100,000 of them are 100,000 allocations, not a million.
 */
#ifndef MROOM_ROOM_PICK_SET_H
#define MROOM_ROOM_PICK_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/map.h"
#include "lib/room/server.h"

struct pick_set {
	struct server **at;
	size_t count, cap;
	bool ids_only;	   /* ids alone are kept, `at` stays empty */
	struct map *ids;   /* all that ever came in */
	struct map *out;   /* ids that are excluded */
	struct map *hosts; /* hosts, and host:port, that are excluded by address */
};

void pick_set_init(struct pick_set *set);
void pick_set_finish(struct pick_set *set);

/* Adds a copy, unless the id came in before. */
void pick_set_add(struct pick_set *set, const struct server *server);
/* A copy whose texts lie behind it in the same block: free releases it. */
struct server *pick_set_pack(const struct server *server);
/* Adds what pick_set_pack made and takes it over, unless the id came in before: then it frees it. */
void pick_set_take(struct pick_set *set, struct server *packed);
/* Whether the id came in before. */
bool pick_set_has(const struct pick_set *set, const char *id);
/* Drops the servers. Their ids stay known. */
void pick_set_empty(struct pick_set *set);

/* Excludes a server: by its id, or, when it is an address (row 0), whatever lives there. */
void pick_set_exclude(struct pick_set *set, const struct server *server);
bool pick_set_excluded(const struct pick_set *set, const struct server *server);

#endif
