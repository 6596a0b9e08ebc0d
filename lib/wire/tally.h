/* The books of a run: how many ended how, and who, folded by what happened to them. */
#ifndef MROOM_WIRE_TALLY_H
#define MROOM_WIRE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/room/outcome.h"

struct tally;

struct tally *tally_create(void);
void tally_destroy(struct tally *tally); /* NULL is allowed */
void tally_add(struct tally *tally, const char *id, enum outcome outcome, const char *message,
	       int exit_status);
size_t tally_count(const struct tally *tally);
size_t tally_bad(const struct tally *tally); /* those that are not ok */
/* The exit status of it all; with `largest`, the largest remote status where only commands failed. */
int tally_status(const struct tally *tally, bool largest);
/* "12 servers in 0.6 s: 11 ok, 1 failed" (not when quiet), then "web-07: failed: exit status 3" per kind
 * of trouble. */
void tally_print(const struct tally *tally, int64_t duration_ms, bool quiet, FILE *to);

#endif
