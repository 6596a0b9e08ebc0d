/*
 * Outputs of many servers, equal ones kept once: memory and disk grow with what differs, not with
 * the number of servers. What is long waits in one file without a name.
 */
#ifndef MROOM_FLOW_GATHER_H
#define MROOM_FLOW_GATHER_H

#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/flow/pile.h"

struct gather;

/* Servers that said the same. */
struct gather_group {
	struct list ids; /* in natural order, once gather_groups was called */
	size_t size;	 /* bytes they said */
	struct pile pile;
	size_t at; /* where the bytes are in the common file, when they are not in the pile */
	bool filed;
};

struct gather *gather_create(void);
void gather_destroy(struct gather *gather); /* NULL is allowed */

/* All that one server said; the pile is empty afterwards. -1: status 6. */
int gather_add(struct gather *gather, const char *id, struct pile *pile, struct err *err);

/* The groups, the largest first, equally large ones in the natural order of their first ids. They
 * and the array are the gather's. */
struct gather_group *const *gather_groups(struct gather *gather, size_t *count);

/* Appends all bytes of a group. -1: status 6. */
int gather_text(const struct gather *gather, const struct gather_group *group, struct buf *to,
		struct err *err);
/* Up to `room` bytes of a group from `at`; 0 at the end; -1. */
ssize_t gather_read(const struct gather *gather, const struct gather_group *group, size_t at,
		    void *into, size_t room, struct err *err);

#endif
