#include "lib/base/num.h"

#include <errno.h>
#include <limits.h>

/* Far from overflow when a deadline adds it to a clock. */
#define NUM_DURATION_MAX (INT64_C(36500) * 86400000)

int num_parse(const char *text, long min, long max, long *out, struct err *err)
{
	const char *digits = text + (*text == '-');
	char *end = NULL;
	long value;

	/* strtol alone would take blanks, a plus, and the empty text. */
	if (*digits >= '0' && *digits <= '9') {
		errno = 0;
		value = strtol(text, &end, 10);
		if (!*end && !errno && value >= min && value <= max) {
			*out = value;
			return 0;
		}
	}
	if (min == LONG_MIN && max == LONG_MAX)
		return err_set(err, STATUS_USAGE, "'%s' is not a number", text);
	if (max == LONG_MAX)
		return err_set(err, STATUS_USAGE, "'%s' is not a number from %ld up", text, min);
	return err_set(err, STATUS_USAGE, "'%s' is not a number from %ld to %ld", text, min, max);
}

struct unit {
	const char *name;
	int64_t factor;
};

/*
 * Reads DIGITS[.DIGITS][UNIT] as a count of the units' base; the empty unit must be in the table. A
 * value that is not zero never becomes zero: zero often means "without limit". False when malformed
 * or past INT64_MAX.
 */
static bool scale_parse(const char *text, const struct unit *units, size_t count, int64_t *out)
{
	const struct unit *unit = NULL;
	int64_t whole = 0;
	int64_t part = 0; /* billionths */
	int64_t place = 1000000000;
	bool some = false; /* a digit that is not 0 */

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (whole > (INT64_MAX - 9) / 10)
			return false;
		whole = whole * 10 + (*text - '0');
		some = some || *text != '0';
	}
	if (*text == '.') {
		if (*++text < '0' || *text > '9')
			return false;
		for (; *text >= '0' && *text <= '9'; text++) {
			place /= 10;
			part += place * (*text - '0');
			some = some || *text != '0';
		}
	}
	for (size_t i = 0; i < count && !unit; i++)
		if (!strcmp(text, units[i].name))
			unit = &units[i];
	if (!unit || whole > INT64_MAX / unit->factor - 1)
		return false;
	*out = whole * unit->factor;
	if (unit->factor < INT64_C(1000000000))
		*out += part * unit->factor / 1000000000;
	else /* a power of 1024: the product would overflow */
		*out += part * (unit->factor / 1024) / 1000000000 * 1024;
	if (!*out && some)
		*out = 1;
	return true;
}

int num_duration(const char *text, int64_t *ms, struct err *err)
{
	static const struct unit units[] = {{"", 1000},	  {"ms", 1},	  {"s", 1000},
					    {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

	if (!scale_parse(text, units, sizeof(units) / sizeof(units[0]), ms))
		return err_set(err, STATUS_USAGE,
			       "'%s' is not a duration (such as 500ms, 10s, 2m, 1h, 1d)", text);
	if (*ms > NUM_DURATION_MAX)
		return err_set(err, STATUS_USAGE, "'%s' is more than 100 years", text);
	return 0;
}

int num_size(const char *text, int64_t *bytes, struct err *err)
{
	static const struct unit units[] = {
	    {"", 1},	    {"k", 1 << 10},	     {"K", 1 << 10},
	    {"m", 1 << 20}, {"M", 1 << 20},	     {"g", 1 << 30},
	    {"G", 1 << 30}, {"t", INT64_C(1) << 40}, {"T", INT64_C(1) << 40}};

	if (scale_parse(text, units, sizeof(units) / sizeof(units[0]), bytes))
		return 0;
	return err_set(err, STATUS_USAGE, "'%s' is not a size (such as 4096, 64k, 10M, 1G)", text);
}

void num_show_duration(struct buf *buf, int64_t ms)
{
	long long s = ms / 1000;

	if (ms < 1000)
		buf_format(buf, "%lld ms", (long long)(ms < 0 ? 0 : ms));
	else if (s < 60)
		buf_format(buf, "%lld.%lld s", s, (long long)ms / 100 % 10);
	else if (s < 3600)
		buf_format(buf, "%lld min %02lld s", s / 60, s % 60);
	else if (s < 86400)
		buf_format(buf, "%lld h %02lld min", s / 3600, s / 60 % 60);
	else
		buf_format(buf, "%lld d %02lld h", s / 86400, s / 3600 % 24);
}
