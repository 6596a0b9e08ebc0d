/*
 * --pass: instead of its output, a tool prints one record per server that ended as the user named,
 * so that a pipeline carries on with exactly those: id, outcome, status, seconds (mroom-stream(7)).
 */
#ifndef MROOM_WIRE_PASSING_H
#define MROOM_WIRE_PASSING_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/outcome.h"
#include "lib/wire/fleet.h"

struct passing {
	bool on;
	bool outcomes[OUTCOME_COUNT];
};

/* The option's value: NULL (not given: off), "" (ok), or outcomes joined by commas. */
int passing_parse(struct passing *passing, const char *text, struct err *err);

/* Appends the record of a server that ended, in either form. */
void passing_record(struct buf *to, const char *id, const struct result *result);
void passing_record_json(struct buf *to, const char *id, const struct result *result);

#endif
