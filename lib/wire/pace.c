#include "lib/wire/pace.h"

#define MADE_UP_MS 250
#define RATE_MOST (INT64_MAX / 1000) /* as good as no limit, and nothing overflows */

void pace_init(struct pace *pace, int64_t rate)
{
	*pace = (struct pace){.rate = rate < RATE_MOST ? rate : RATE_MOST};
}

int64_t pace_at(struct pace *pace, int64_t now)
{
	int64_t passed = pace->begun ? now - pace->then : 0;
	int64_t most = MADE_UP_MS * pace->rate;

	if (passed > MADE_UP_MS)
		passed = MADE_UP_MS;
	pace->begun = true;
	pace->then = now;
	pace->milli += passed * pace->rate;
	if (most < 2000)
		most = 2000; /* whole bytes */
	if (pace->milli > most)
		pace->milli = most;
	return pace->milli / 1000;
}

void pace_use(struct pace *pace, int64_t count)
{
	pace->milli -= count * 1000;
}
