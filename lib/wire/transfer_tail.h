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
	struct buf said;  /* the sum, as far as it came */
	bool told;	  /* it is complete */
	bool compared, agreed;
	bool gone; /* the server was told to go on */
};

/* Whether a part of the entry is here. Both are borrowed until tail_finish. */
bool tail_begin(struct tail *tail, struct take *take, const struct tree_entry *entry);
void tail_finish(struct tail *tail);
/* What the server sends: -1 when it makes no sense, or cannot be put here. Once the sum is there
 * (told), tail_compare has the next word. */
int tail_feed(struct tail *tail, const char *bytes, size_t count, struct err *err);
/* The part that is here, for its sum; the caller frees its path. */
void tail_part(const struct tail *tail, struct tree_entry *part);
/* That sum (NULL: it could not be read): the file goes on behind the part, or the part goes. */
int tail_compare(struct tail *tail, const unsigned char *hash, struct err *err);
/* What the server is to be told; *end: no more. */
size_t tail_take(struct tail *tail, char *into, size_t room, bool *end);
/* The server is done. 1: so is the file; 0: the part was another file's, and is gone; -1: an error.
 */
int tail_end(struct tail *tail, struct err *err);

#endif
