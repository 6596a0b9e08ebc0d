/*
 * Records: one a line, fields separated by TAB, the first field the server id (mroom-stream(7)).
 *
 * The reader is a push parser: feed it whatever arrived, it calls back per record. A line that
 * begins with '{' is read as a JSON object, whose "id" becomes field 0 (and whose text is field 1).
 * Lines that begin with '#' and empty lines are skipped; CRLF and a byte order mark are tolerated.
 */
#ifndef MROOM_FLOW_RECORD_H
#define MROOM_FLOW_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* What a record reader hands out; everything is valid during the call only. Fields are unescaped
 * and NUL-terminated; `size` counts bytes, since a field may hold NUL. */
struct record {
	const char *source; /* "standard input", a file's name */
	long line;	    /* from 1 */
	bool json;	    /* the line is a JSON object: field 1 is its text */
	size_t count;
	const struct buf *fields;
};

/* Returns 0, or -1 with err set: reading stops and the error comes back from record_feed. */
typedef int record_fn(void *ctx, const struct record *record, struct err *err);

struct record_reader;

/*
 * max_fields: that many at most; the last of them is the rest of the line, verbatim: TABs stay and
 * nothing is unescaped (0: no limit). source is copied.
 */
struct record_reader *record_reader_create(const char *source, size_t max_fields, record_fn *fn,
					   void *ctx);
/* A line longer than 1 MiB, a JSON object that is none or has no id: an error naming source and
 * line. After an error the reader can only be destroyed. */
int record_feed(struct record_reader *reader, const char *bytes, size_t count, struct err *err);
/* The stream ended: a last line without newline is delivered. */
int record_end(struct record_reader *reader, struct err *err);
/* All that fd has, to its end, waiting for it. */
int record_read(struct record_reader *reader, int fd, struct err *err);
void record_reader_destroy(struct record_reader *reader);

/* Appends one field, escaped; NULL is empty. The first of a record may not look like a comment or
 * JSON. */
void record_field(struct buf *buf, const char *text, bool first);

/* Appends one record: fields escaped (NULL is empty), TAB between them, newline at the end. */
void record_write(struct buf *buf, const char *const *fields, size_t count);

#endif
