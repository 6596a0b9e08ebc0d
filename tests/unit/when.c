/* Moments: what is one, and what it means. */
#include "lib/base/when.h"

#include <stdlib.h>
#include <time.h>

#include "tests/unit/tap.h"

#define NOW 1700000000000LL

static void means(const char *text, long long want, const char *name)
{
	int64_t ms = -1;

	tap_int(when_parse(text, NOW, &ms, NULL) ? -2 : (long long)ms, want, name);
}

static void test_parse(void)
{
	static const char *const bad[] = {"",		"yesterday",	    "2026-",
					  "2026-13-01", "2026-01-32",	    "2026-01-01T",
					  "2026-1-1",	"2026-01-01 25:00", "2026-01-01 10:00:00z",
					  "-5d",	"5 days",	    "2026-01-01 10:00:61"};
	int taken = 0;
	int64_t ms;

	means("90d", NOW - 90LL * 86400000, "days back");
	means("1.5h", NOW - 5400000, "hours back");
	means("0", NOW, "now");
	means("2026-11-23", 1795390200000LL, "a day begins at midnight here");
	means("2026-11-23Z", 1795392000000LL, "or in UTC");
	means("2026-11-23T08:34Z", 1795422840000LL, "minutes");
	means("2026-11-23 08:34:52Z", 1795422892000LL, "seconds");
	means("2024-02-29T23:59:59Z", 1709251199000LL, "a leap day");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!when_parse(bad[i], NOW, &ms, NULL)) {
			printf("# taken: %s\n", bad[i]);
			taken++;
		}
	tap_int(taken, 0, "what is no moment is refused");
}

static void test_stamp(void)
{
	struct buf text = BUF_INIT;

	when_stamp(&text, 1795422892999LL);
	tap_text(text.at, "2026-11-23T08:34:52Z", "a stamp is UTC");
	buf_clear(&text);
	when_stamp(&text, INT64_MAX);
	tap_text(text.at, "292278994-08-17T07:12:55Z", "the last there is");
	buf_finish(&text);
}

int main(void)
{
	setenv("TZ", "UTC-0:30", 1);
	tzset();
	test_parse();
	test_stamp();
	return tap_done();
}
