#include "lib/wire/pace.h"
#include "tests/unit/tap.h"

/* Asks every `step` ms for so long and takes all that may go: how many bytes that is. */
static int64_t run(int64_t rate, int64_t step, int64_t ms)
{
	struct pace pace;
	int64_t sent = 0;

	pace_init(&pace, rate);
	for (int64_t now = 7000; now <= 7000 + ms; now += step) {
		int64_t may = pace_at(&pace, now);

		pace_use(&pace, may);
		sent += may;
	}
	return sent;
}

static void near(int64_t got, int64_t want, const char *name)
{
	tap_ok(got <= want && got >= want - want / 100, name);
}

static void test_rates(void)
{
	near(run(200000, 50, 10000), 2000000, "200 kB/s for ten seconds, asked every 50 ms");
	near(run(200000, 1, 10000), 2000000, "asked every millisecond");
	near(run(200000, 249, 9960), 1992000, "asked late every time");
	near(run(1000000000000, 50, 10000), 10000000000000, "a very high rate");
	tap_ok(run(10, 1, 10000) == 100, "ten bytes a second: fractions of a byte add up");
	tap_ok(run(3, 50, 10000) >= 29, "three bytes a second");
}

static void test_pause(void)
{
	struct pace pace;

	pace_init(&pace, 100000);
	tap_ok(pace_at(&pace, 123456) == 0, "it begins with nothing");
	tap_ok(pace_at(&pace, 123456 + 60000) == 25000,
	       "after a minute in which nothing went a quarter of a second is made up for");
	tap_ok(pace_at(&pace, 123456 + 61000) == 25000, "and not more by and by");
	pace_use(&pace, 25000);
	tap_ok(pace_at(&pace, 123456 + 61000) == 0, "then there is nothing");
	tap_ok(pace_at(&pace, 123456 + 61010) == 1000, "until time passes");
	pace_init(&pace, INT64_MAX);
	pace_at(&pace, 0);
	tap_ok(pace_at(&pace, 60000) > 1000000000000, "the largest rate is none that overflows");
}

int main(void)
{
	test_rates();
	test_pause();
	return tap_done();
}
