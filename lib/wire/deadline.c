#include "lib/wire/deadline.h"

#include "lib/wire/keyring.h"

void deadline_start(uv_timer_t *timer, uv_timer_cb late, int64_t ms, const struct keyring *keyring,
		    int64_t *excused)
{
	/* The loop's own clock stands where it was when the console began to fetch passwords. */
	uv_update_time(timer->loop);
	*excused = keyring_spent_ms(keyring);
	uv_timer_start(timer, late, (uint64_t)ms, 0);
}

bool deadline_excused(uv_timer_t *timer, const struct keyring *keyring, int64_t *excused)
{
	int64_t more = keyring_spent_ms(keyring) - *excused;

	if (more > 0)
		deadline_start(timer, timer->timer_cb, more, keyring, excused);
	return more > 0;
}
