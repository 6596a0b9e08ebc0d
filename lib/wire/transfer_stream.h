/* The bytes that one server gets: a tar stream of what its plan says, made while it is sent. */
#ifndef MROOM_WIRE_TRANSFER_STREAM_H
#define MROOM_WIRE_TRANSFER_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/wire/transfer_plan.h"
#include "lib/wire/transfer_window.h"

enum stream_part { STREAM_CONTROL, STREAM_ENTRIES, STREAM_CLOSING, STREAM_OVER };

struct tar_stream {
	const struct tree *tree;
	const struct plan *plan;
	const struct plan_wish *wish;
	struct window *window;
	const char *top, *key;
	enum stream_part part;
	size_t next;	 /* entry */
	struct buf head; /* headers and padding on their way */
	size_t head_at;
	size_t index;	  /* the entry whose contents are being sent */
	size_t extent;	  /* and within it */
	int64_t at, left; /* its bytes from here on, in this extent */
	int64_t sent;	  /* bytes of contents */
};

/* Everything is borrowed. */
void tar_stream_init(struct tar_stream *stream, const struct tree *tree, const struct plan *plan,
		     const struct plan_wish *wish, struct window *window, const char *top,
		     const char *key);
/* Fills `into`, 0 and *end at the end; -1 when a local file cannot be read. */
long tar_stream_read(struct tar_stream *stream, char *into, size_t room, bool *end,
		     struct err *err);
void tar_stream_finish(struct tar_stream *stream);

#endif
