#include "lib/base/num.h"

#include <time.h>

static int64_t clock_ms(clockid_t which)
{
	struct timespec now = {0, 0};

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_mono_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

void clock_show(struct buf *buf, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[64] = "";
	struct tm local;

	if (!localtime_r(&seconds, &local) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local)) {
		buf_format(buf, "@%lld", (long long)seconds); /* a year past what struct tm holds */
		return;
	}
	buf_text(buf, text);
}
