/*
 * What must not be written down: patterns, extended regular expressions whatever the case of
 * letters. What a pattern's last group matched, or all of it where it has no group, gives way to
 * "[redacted]".
 */
#ifndef MROOM_ROOM_REDACT_H
#define MROOM_ROOM_REDACT_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"

struct redact;

/* A malformed pattern is status 2. */
struct redact *redact_create(const struct list *patterns, struct err *err);
void redact_destroy(struct redact *redact); /* NULL is allowed */

/* Appends one line of text, whatever its bytes, redacted. */
void redact_add(const struct redact *redact, struct buf *to, const char *line, size_t count);

#endif
