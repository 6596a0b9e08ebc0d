/*
 * Server lists in brackets: "web-[01-03,07]" <-> web-01 web-02 web-03 web-07. Several brackets,
 * steps [0-20/5], zero padding kept, letters [a-c]. What fold writes, expand reads back.
 */
#ifndef MROOM_FLOW_RANGE_H
#define MROOM_FLOW_RANGE_H

#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"

/* More than this from one expression is refused, rather than filling memory. */
#define RANGE_MAX 1000000

/*
 * Appends what one word expands to (itself when it has no bracket). Malformed or reversed ranges,
 * and more than RANGE_MAX results, are usage errors that quote the word and say what is wrong. A
 * bracketed IPv6 address ("[::1]", "user@[fe80::1]:22") is no range: brackets whose inside holds a
 * colon pass through untouched.
 */
int range_expand(const char *word, struct list *into, struct err *err);

/* Splits LIST at commas outside brackets into `words` (not yet expanded). An unclosed bracket is an
 * error. */
int range_split(const char *text, struct list *words, struct err *err);

/*
 * Appends the shortest usual form of the ids: natural order, doubles dropped, runs folded on the
 * one numeric part that differs, groups joined by commas: "db1,web-[01-03,07]".
 */
void range_fold(struct buf *buf, const char *const *ids, size_t count);

#endif
