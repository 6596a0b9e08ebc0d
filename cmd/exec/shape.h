/* Bytes in the forms that output has; pieces of any size, none of which cuts a character. */
#ifndef MROOM_EXEC_SHAPE_H
#define MROOM_EXEC_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/flow/sink.h"

enum form {
	FORM_TERMINAL, /* "id: line", made visible */
	FORM_PIPE,     /* "id TAB line", verbatim */
	FORM_TSV,      /* "id TAB line", escaped */
	FORM_JSON
};

/* How a line looks in that form; NULL: as it is. Not for FORM_JSON. */
sink_shape_fn *shape_for(enum form form);

/* The inside of a JSON string; of one with bytes that are not UTF-8. */
size_t shape_json(struct buf *to, const char *bytes, size_t count, bool last);
size_t shape_base64(struct buf *to, const char *bytes, size_t count, bool last);
bool text_is_utf8(const char *bytes, size_t count);
bool spool_is_utf8(int fd, size_t from, size_t count); /* of a file: [from, count) */

/* A JSON string with its quotes; false when the bytes are not UTF-8. */
bool shape_json_text(struct buf *to, const char *bytes, size_t count);
/* jansson's callback that appends to a struct buf. */
int shape_dump(const char *bytes, size_t count, void *to);

#endif
