#include "lib/flow/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"

void lines_init(struct lines *lines)
{
	buf_init(&lines->partial);
	lines->spool = -1;
	lines->spooled = 0;
}

void lines_finish(struct lines *lines)
{
	buf_finish(&lines->partial);
	if (lines->spool >= 0)
		close(lines->spool);
	lines->spool = -1;
}

/* Adds a part of a line that is not complete yet, or the rest of one that is. */
static int line_add(struct lines *lines, size_t limit, const char *bytes, size_t count,
		    struct err *err)
{
	if (lines->spool < 0 && lines->partial.len + count <= limit) {
		buf_add(&lines->partial, bytes, count);
		return 0;
	}
	if (lines->spool < 0) {
		lines->spool = io_spool("a long line", err);
		if (lines->spool < 0 ||
		    io_write_all(lines->spool, lines->partial.at, lines->partial.len, err))
			return -1;
		lines->spooled = lines->partial.len;
		buf_finish(&lines->partial);
	}
	if (io_write_all(lines->spool, bytes, count, err))
		return -1;
	lines->spooled += count;
	return 0;
}

static void line_give(struct lines *lines, bool whole, line_fn *fn, void *ctx)
{
	struct line line = {lines->partial.at, lines->partial.len, lines->spool, whole};

	if (line.spool >= 0) {
		line.bytes = NULL;
		line.count = lines->spooled;
		lines->spool = -1;
		lines->spooled = 0;
	}
	fn(ctx, &line);
	buf_clear(&lines->partial);
}

int lines_feed(struct lines *lines, size_t limit, const char *bytes, size_t count, line_fn *fn,
	       void *ctx, struct err *err)
{
	const char *end = bytes + count;

	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t part = (size_t)((newline ? newline : end) - bytes);

		if (newline && lines->spool < 0 && lines->partial.len == 0 && part <= limit) {
			struct line line = {bytes, part, -1, true};

			fn(ctx, &line); /* the common case: no copy */
		} else {
			if (line_add(lines, limit, bytes, part, err))
				return -1;
			if (newline)
				line_give(lines, true, fn, ctx);
		}
		bytes += newline ? part + 1 : part;
	}
	return 0;
}

void lines_end(struct lines *lines, line_fn *fn, void *ctx)
{
	if (lines->partial.len > 0 || lines->spool >= 0)
		line_give(lines, false, fn, ctx);
}
