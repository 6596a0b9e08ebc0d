/* Numbers, durations and sizes as people write them; each parser is exact about what it refuses. */
#ifndef MROOM_BASE_NUM_H
#define MROOM_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Decimal, whole text, min..max. On refusal fills err ("'x' is not a number from 1 to 9"), -1. */
int num_parse(const char *text, long min, long max, long *out, struct err *err);

/* "10s" "500ms" "2m" "1h" "1d", "1.5s"; a bare number is seconds; 0 is allowed, more than 100 years
 * is not. Result in ms; what is not zero never becomes zero. */
int num_duration(const char *text, int64_t *ms, struct err *err);

/* "10M" "4k" "1.5G" (powers of 1024, either case), a bare number is bytes. */
int num_size(const char *text, int64_t *bytes, struct err *err);

/* "350 ms", "12.4 s", "3 min 05 s": for people. */
void num_show_duration(struct buf *buf, int64_t ms);

/* Milliseconds on the monotonic clock, and since the epoch. */
int64_t clock_mono_ms(void);
int64_t clock_wall_ms(void);
/* "2026-11-23 08:34:52" in the console's time zone; `ms` since the epoch. */
void clock_show(struct buf *buf, int64_t ms);

#endif
