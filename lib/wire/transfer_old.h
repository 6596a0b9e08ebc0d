/*
 * The contents that a copy is about to replace on a server, fetched before it does, so that the
 * difference can be shown. They come as a tar stream (share/remote/copy-get.sh); names that were
 * not asked for are passed over, and what is more than was asked for is dropped.
 */
#ifndef MROOM_WIRE_TRANSFER_OLD_H
#define MROOM_WIRE_TRANSFER_OLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/wire/transfer_plan.h"

/* A file larger than this, here or there, is not compared. */
#define OLD_FILE_MAX ((int64_t)1024 * 1024)
/* Nor is what comes after so much of one server. */
#define OLD_SERVER_MAX ((int64_t)16 * 1024 * 1024)

/* One per entry of the plan. */
struct old_text {
	bool wanted, whole; /* whole: all of it has arrived */
	struct buf text;
};

struct olds;

/* What plan (borrowed) wants to replace: NULL when there is no such file. `top` as in
 * tar_stream_init. Names to be sent to the server, each ended by NUL, are appended. */
struct olds *olds_create(const struct plan *plan, const struct tree *tree, const char *top,
			 struct buf *names);
void olds_destroy(struct olds *olds); /* NULL is allowed */
/* The answer as it comes. -1: it makes no sense. */
int olds_feed(struct olds *olds, const char *bytes, size_t count, struct err *err);
/* The same by hand, for an entry that is wanted: more of it, how much there is, and that was all. */
void olds_add(struct olds *olds, size_t index, const char *bytes, size_t count);
int64_t olds_length(const struct olds *olds, size_t index);
void olds_end(struct olds *olds, size_t index);
/* What is known of an entry. */
const struct old_text *olds_at(const struct olds *olds, size_t index);

#endif
