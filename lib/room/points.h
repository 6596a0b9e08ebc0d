/*
 * The values of one moment, hour or day, packed: five bytes for a value, nine for one with its
 * lowest and highest. Values are kept as floats; low and high to three digits, rounded outwards.
 */
#ifndef MROOM_ROOM_POINTS_H
#define MROOM_ROOM_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct point {
	int64_t metric;
	double low, mean, high;
	long count; /* how many were merged; not kept */
};

struct points {
	struct point *at; /* by metric */
	size_t count, cap;
};

/* Takes a value in: mean, lowest and highest of all of that metric. */
void points_merge(struct points *points, const struct point *point);
/* Appends the packed form. */
void points_pack(const struct points *points, struct buf *packed);
/* Merges a packed form in; what is malformed at its end is passed over. */
void points_unpack(struct points *points, const void *packed, size_t size);
void points_clear(struct points *points);
void points_finish(struct points *points);

#endif
