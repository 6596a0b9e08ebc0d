/* When a server is due for something, as listings of JSON say it: a number, seconds since the epoch, or
 * {"due": that or null (never again), "every": seconds}. */
#ifndef MROOM_ROOM_SCHEDULE_JSON_H
#define MROOM_ROOM_SCHEDULE_JSON_H

#include <jansson.h>

#include "lib/room/store_schedule.h"

/* A period that was not told: the one that is known stays. */
#define SCHEDULE_AS_BEFORE (-1)

/* The caller's own. */
json_t *schedule_to_json(const struct schedule_row *row);
/* Sets due_at and every; -1 when the text is none of that. */
int schedule_from_json(const char *text, struct schedule_row *row, struct err *err);

#endif
