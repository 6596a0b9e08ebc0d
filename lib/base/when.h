/* Moments as people and programs write them. */
#ifndef MROOM_BASE_WHEN_H
#define MROOM_BASE_WHEN_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* "2026-11-23T08:34:52Z": UTC, for records; `ms` since the epoch. */
void when_stamp(struct buf *buf, int64_t ms);

/*
 * The moment that text means, in ms since the epoch: "90d" or "1.5h" is that long before now;
 * "2026-11-23", with " 08:34" or "T08:34:52" behind it, is in the console's time zone, or in UTC
 * with a Z at its end. Else status 2.
 */
int when_parse(const char *text, int64_t now_ms, int64_t *ms, struct err *err);

#endif
