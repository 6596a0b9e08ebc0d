/*
 * The rest of a file that was cut short while it was fetched through a shell: the server says what
 * sum the part has that is here (share/remote/copy-tail.sh), and sends what follows it when that is
 * the part's sum here too.
 */
#ifndef MROOM_WIRE_TRANSFER_TAIL_H
#define MROOM_WIRE_TRANSFER_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/wire/transfer_take.h"

struct tail {
	struct take *take;
	const struct tree_entry *entry;
	int64_t have, at; /* bytes from the file's beginning: of the part, that are here */
	struct buf said;  /* the sum */
	bool asked, agreed, told;
};

/* Whether a part of the entry is here. Both are borrowed until tail_finish. */
bool tail_begin(struct tail *tail, struct take *take, const struct tree_entry *entry);
void tail_finish(struct tail *tail);
/* What the server sends: -1 when it makes no sense, or cannot be put here. */
int tail_feed(struct tail *tail, const char *bytes, size_t count, struct err *err);
/* What the server is to be told; *end: no more. */
size_t tail_take(struct tail *tail, char *into, size_t room, bool *end);
/* The server is done. 1: so is the file; 0: the part was another file's, and is gone; -1: an error.
 */
int tail_end(struct tail *tail, struct err *err);

#endif
