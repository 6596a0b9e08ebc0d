/*
 * Deadlines of servers. While the console fetches passwords (secret_command) nobody is heard: that time is no server's,
 * and comes on top.
 */
#ifndef MROOM_WIRE_DEADLINE_H
#define MROOM_WIRE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct keyring;

/* Calls late after ms. `excused` keeps what the keyring had spent on passwords until now. */
void deadline_start(uv_timer_t *timer, uv_timer_cb late, int64_t ms, const struct keyring *keyring,
		    int64_t *excused);
/* Called first by late: whether something has been spent since, for which the timer was started anew. */
bool deadline_excused(uv_timer_t *timer, const struct keyring *keyring, int64_t *excused);

#endif
