/* What a server says is there to be fetched (share/remote/copy-list.sh), and which of it is here
 * already. */
#ifndef MROOM_WIRE_TRANSFER_LISTING_H
#define MROOM_WIRE_TRANSFER_LISTING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/wire/transfer_plan.h"
#include "lib/wire/transfer_take.h"

struct listing {
	char tar[8];	   /* "gnu", "bsd", "plain" */
	struct tree names; /* suffixes are whole names ("top/x"), type, mode, size, mtime, target */
	bool *here;	   /* with the same contents */
};

/* -1: it is no answer of copy-list.sh, or names something outside `top`. */
int listing_read(struct listing *listing, const char *top, const struct buf *answer,
		 struct err *err);
/* For who lists in another way: another name; nothing of it is set but the suffix. */
struct tree_entry *listing_add(struct listing *listing, const char *name);
/* Marks what is here below `dir`; appends to `ask` the names whose sums would tell. */
void listing_compare(struct listing *listing, const char *dir, bool quick, struct buf *ask);
/* Takes the sums and marks, until *stop is set. May run on another thread. */
void listing_read_sums(struct listing *listing, const struct buf *answer, const atomic_bool *stop);
/* Makes directories, with what they are to be in the end. */
int listing_make_dirs(const struct listing *listing, struct take *take, struct err *err);
/* How many bytes those have that are to be fetched. */
int64_t listing_bytes(const struct listing *listing);
/* Appends the names of files and links that are to be fetched, ended by NUL. */
void listing_wanted(const struct listing *listing, struct buf *names, size_t *count,
		    int64_t *bytes);
void listing_finish(struct listing *listing);

#endif
