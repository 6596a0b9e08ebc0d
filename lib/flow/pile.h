/*
 * Output that waits: in memory while it is short, then in a file without a name. What is in the
 * file comes first, then what is in memory. Append to `bytes` as you like and call pile_settle now
 * and then.
 */
#ifndef MROOM_FLOW_PILE_H
#define MROOM_FLOW_PILE_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/flow/sink.h"

struct pile {
	struct buf bytes;
	int fd; /* -1: none */
	size_t spooled;
};

void pile_init(struct pile *pile);
void pile_finish(struct pile *pile);
size_t pile_size(const struct pile *pile);

/* Moves what is in memory to the file when it is more than `limit` bytes. -1: the file cannot be
 * written (status 6). */
int pile_settle(struct pile *pile, size_t limit, struct err *err);
/* Appends a file's bytes [from, size) through `shape` (NULL: as they are). Takes over fd. */
int pile_add_file(struct pile *pile, int fd, size_t from, size_t size, sink_shape_fn *shape,
		  struct err *err);
/* Up to `room` bytes from `at`; 0 at the end; -1 (status 6). */
ssize_t pile_read(const struct pile *pile, size_t at, void *into, size_t room, struct err *err);
/* Hands all of it to the sink; the pile is empty afterwards. */
void pile_push(struct pile *pile, struct sink *sink);

#endif
