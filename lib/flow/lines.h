/*
 * Cuts a stream of bytes into whole lines. A line longer than the limit goes to an unlinked temporary
 * file instead of memory, so that memory is bounded whatever a server sends, and no line is ever cut.
 */
#ifndef MROOM_FLOW_LINES_H
#define MROOM_FLOW_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct lines {
	struct buf partial; /* the line so far, while it is short */
	int spool;	    /* or the file it is in; -1: none */
	size_t spooled;	    /* bytes in that file */
};

/* A whole line, without its newline. Either bytes, or (spool >= 0) a file of `count` bytes that the callee takes over.
 * `whole` is false for a last line that had no newline. */
struct line {
	const char *bytes;
	size_t count;
	int spool;
	bool whole;
};

typedef void line_fn(void *ctx, const struct line *line);

void lines_init(struct lines *lines);
/* Calls fn per line that is complete now. -1 when the spool cannot be written (status 6). */
int lines_feed(struct lines *lines, size_t limit, const char *bytes, size_t count, line_fn *fn,
	       void *ctx, struct err *err);
/* The stream ended: what is left is a line too. */
void lines_end(struct lines *lines, line_fn *fn, void *ctx);
void lines_finish(struct lines *lines);

#endif
