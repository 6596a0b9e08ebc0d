#include "lib/base/when.h"

#include <string.h>
#include <time.h>

#include "lib/base/num.h"

void when_stamp(struct buf *buf, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[64] = "";
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)) {
		buf_format(buf, "@%lld", (long long)seconds); /* a year past what struct tm holds */
		return;
	}
	buf_text(buf, text);
}

/* Reads exactly `digits` digits, min..max; moves *at behind them. */
static bool read_field(const char **at, int digits, int min, int max, int *value)
{
	*value = 0;
	for (int i = 0; i < digits; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return *value >= min && *value <= max;
}

/* YYYY-MM-DD[(T| )HH:MM[:SS]][Z] */
static bool read_date(const char *text, struct tm *tm, bool *utc)
{
	memset(tm, 0, sizeof(*tm));
	tm->tm_isdst = -1;
	if (!read_field(&text, 4, 1970, 9999, &tm->tm_year) || *text++ != '-' ||
	    !read_field(&text, 2, 1, 12, &tm->tm_mon) || *text++ != '-' ||
	    !read_field(&text, 2, 1, 31, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	if (*text == 'T' || *text == ' ') {
		text++;
		if (!read_field(&text, 2, 0, 23, &tm->tm_hour) || *text++ != ':' ||
		    !read_field(&text, 2, 0, 59, &tm->tm_min))
			return false;
		if (*text == ':' && (text++, !read_field(&text, 2, 0, 60, &tm->tm_sec)))
			return false;
	}
	*utc = *text == 'Z';
	return !text[*utc];
}

int when_parse(const char *text, int64_t now_ms, int64_t *ms, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct tm tm;
	time_t seconds;
	bool utc;

	if (strcspn(text, "-:TZ") == strlen(text) && !num_duration(text, ms, &ignored)) {
		*ms = now_ms - *ms;
		return 0;
	}
	if (!read_date(text, &tm, &utc))
		return err_set(err, STATUS_USAGE,
			       "'%s' is no moment (such as 90d, 2h, 2026-11-23, "
			       "2026-11-23T08:34:52Z)",
			       text);
	seconds = utc ? timegm(&tm) : mktime(&tm);
	*ms = (int64_t)seconds * 1000;
	return 0;
}
