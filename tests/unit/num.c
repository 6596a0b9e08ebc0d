#include "lib/base/num.h"
#include "tests/unit/tap.h"

#include <limits.h>
#include <time.h>

static void is_number(const char *text, long min, long max, long want)
{
	struct err err = ERR_INIT;
	long got = -99;

	tap_ok(!num_parse(text, min, max, &got, &err) && got == want, text);
}

static void no_number(const char *text, long min, long max, const char *message)
{
	struct err err = ERR_INIT;
	long got = -99;

	tap_ok(num_parse(text, min, max, &got, &err) == -1 && got == -99 &&
		   err.status == STATUS_USAGE,
	       "is refused");
	tap_text(err.text, message, message);
}

static void test_parse(void)
{
	is_number("22", 1, 65535, 22);
	is_number("1", 1, 65535, 1);
	is_number("65535", 1, 65535, 65535);
	is_number("-5", -5, 5, -5);
	is_number("007", 0, 9, 7);
	is_number("9223372036854775807", 0, LONG_MAX, LONG_MAX);
	no_number("x", 1, 9, "'x' is not a number from 1 to 9");
	no_number("", 1, 9, "'' is not a number from 1 to 9");
	no_number("0", 1, 9, "'0' is not a number from 1 to 9");
	no_number("10", 1, 9, "'10' is not a number from 1 to 9");
	no_number("5 ", 1, 9, "'5 ' is not a number from 1 to 9");
	no_number(" 5", 1, 9, "' 5' is not a number from 1 to 9");
	no_number("+5", 1, 9, "'+5' is not a number from 1 to 9");
	no_number("0x5", 1, 9, "'0x5' is not a number from 1 to 9");
	no_number("5.0", 1, 9, "'5.0' is not a number from 1 to 9");
	no_number("-", -9, 9, "'-' is not a number from -9 to 9");
	no_number("9223372036854775808", 0, LONG_MAX,
		  "'9223372036854775808' is not a number from 0 up");
	no_number("x", LONG_MIN, LONG_MAX, "'x' is not a number");
}

static void is_scaled(int (*parse)(const char *, int64_t *, struct err *), const char *text,
		      int64_t want)
{
	struct err err = ERR_INIT;
	int64_t got = -99;

	if (want < 0)
		tap_ok(parse(text, &got, &err) == -1 && err.status == STATUS_USAGE && *err.text,
		       text);
	else
		tap_ok(!parse(text, &got, &err) && got == want, text);
	if (want >= 0 && got != want)
		printf("#  got %lld\n", (long long)got);
}

static void test_durations(void)
{
	static const char *const bad[] = {"",
					  "s",
					  "-1",
					  "1x",
					  "1 s",
					  " 1",
					  "1.",
					  ".5s",
					  "1.s",
					  "1.5.5",
					  "10S",
					  "1e3",
					  "ms",
					  "36501d",
					  "99999999999999999999",
					  "9223372036854775807"};
	struct err err = ERR_INIT;
	int64_t ms;

	is_scaled(num_duration, "10", 10000);
	is_scaled(num_duration, "10s", 10000);
	is_scaled(num_duration, "500ms", 500);
	is_scaled(num_duration, "2m", 120000);
	is_scaled(num_duration, "1h", 3600000);
	is_scaled(num_duration, "1d", 86400000);
	is_scaled(num_duration, "1.5s", 1500);
	is_scaled(num_duration, "0.5m", 30000);
	is_scaled(num_duration, "0", 0);
	is_scaled(num_duration, "0.0s", 0);
	is_scaled(num_duration, "0.0001s", 1);
	is_scaled(num_duration, "36500d", INT64_C(3153600000000));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_scaled(num_duration, bad[i], -1);
	num_duration("soon", &ms, &err);
	tap_text(err.text, "'soon' is not a duration (such as 500ms, 10s, 2m, 1h, 1d)",
		 "the message shows what would be right");
}

static void test_sizes(void)
{
	static const char *const bad[] = {"", "M", "-1", "10MB", "1 k", "1kk", "8388608T"};
	struct err err = ERR_INIT;
	int64_t bytes;

	is_scaled(num_size, "4096", 4096);
	is_scaled(num_size, "4k", 4096);
	is_scaled(num_size, "10M", 10485760);
	is_scaled(num_size, "1G", 1073741824);
	is_scaled(num_size, "1.5G", 1610612736);
	is_scaled(num_size, "1.5T", INT64_C(1649267441664));
	is_scaled(num_size, "0", 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_scaled(num_size, bad[i], -1);
	num_size("lots", &bytes, &err);
	tap_text(err.text, "'lots' is not a size (such as 4096, 64k, 10M, 1G)",
		 "the message shows what would be right");
}

static void shows(int64_t ms, const char *want)
{
	struct buf got = BUF_INIT;

	num_show_duration(&got, ms);
	tap_text(got.at, want, want);
	buf_finish(&got);
}

static void test_show(void)
{
	struct buf got = BUF_INIT;

	shows(0, "0 ms");
	shows(-5, "0 ms");
	shows(350, "350 ms");
	shows(999, "999 ms");
	shows(1000, "1.0 s");
	shows(12449, "12.4 s");
	shows(59999, "59.9 s");
	shows(60000, "1 min 00 s");
	shows(185000, "3 min 05 s");
	shows(3900000, "1 h 05 min");
	shows(90000000, "1 d 01 h");
	setenv("TZ", "UTC", 1);
	tzset();
	clock_show(&got, INT64_C(1795509292000));
	tap_text(got.at, "2026-11-24 08:34:52", "a time of the clock");
	buf_finish(&got);
}

static void test_clock(void)
{
	int64_t wall = clock_wall_ms();
	int64_t mono = clock_mono_ms();

	tap_ok(wall / 1000 - (int64_t)time(NULL) <= 1 && wall / 1000 - (int64_t)time(NULL) >= -1,
	       "the wall clock is the system's");
	tap_ok(clock_mono_ms() >= mono, "the monotonic clock does not run backwards");
}

int main(void)
{
	test_parse();
	test_durations();
	test_sizes();
	test_show();
	test_clock();
	return tap_done();
}
