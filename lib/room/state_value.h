/* Values of the state as people write and read them; within mroom they are JSON. */
#ifndef MROOM_ROOM_STATE_VALUE_H
#define MROOM_ROOM_STATE_VALUE_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * Appends what text means, as JSON: numbers, true, false, null, strings in quotes, objects and
 * arrays are kept as they are written; a bare word is a string, and so is everything with
 * `as_text`. What begins like an object, an array or a string in quotes but is none is status 2:
 * most likely a mistake. So is what is not UTF-8.
 */
int state_value_read(const char *text, bool as_text, struct buf *json, struct err *err);

/* Appends a value as a shell wants it: strings bare, the rest as JSON. */
void state_value_bare(const char *json, struct buf *text);

/* Whether the value counts as yes: all do but false, null, 0 and "". */
bool state_value_true(const char *json);

#endif
