/* What servers answered, in the store. */
#ifndef MROOM_ROOM_STORE_OUTPUT_H
#define MROOM_ROOM_STORE_OUTPUT_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/capture.h"
#include "lib/room/store.h"

/* stream: "out" or "err". The server's result must be there already. */
int store_output_add(struct store *store, int64_t run, const char *server, const char *stream,
		     const struct captured *captured, struct err *err);

struct output_row {
	const char *server, *stream;
	int64_t size, kept;
	const unsigned char *hash; /* CAPTURE_HASH bytes */
	const struct buf *text;	   /* what is kept, as it was */
};

/* Calls fn for each server of a run, or the one that is named, in the order of their results: out,
 * then err. with_text false leaves text NULL. As store_state_each. */
typedef int output_fn(void *ctx, const struct output_row *row, struct err *err);
int store_output_each(struct store *store, int64_t run, const char *server, bool with_text,
		      output_fn *fn, void *ctx, struct err *err);

#endif
