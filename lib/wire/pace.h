/*
 * So many bytes a second, by a clock that the caller reads (milliseconds, monotonic). Time in which
 * nothing could be sent is made up for, up to a quarter of a second of it.
 */
#ifndef MROOM_WIRE_PACE_H
#define MROOM_WIRE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	int64_t rate;  /* bytes a second */
	int64_t milli; /* thousandths of bytes that may go */
	int64_t then;
	bool begun;
};

void pace_init(struct pace *pace, int64_t rate);
/* How many bytes may go now. The clock begins with the first question, at none. */
int64_t pace_at(struct pace *pace, int64_t now);
/* So many of them went. */
void pace_use(struct pace *pace, int64_t count);

#endif
