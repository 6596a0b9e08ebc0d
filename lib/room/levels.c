#include "lib/room/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"

static const char *const words[HEALTH_COUNT] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

const char *health_word(enum health health)
{
	return words[health];
}

bool health_parse(const char *word, enum health *health)
{
	for (int i = 0; i < HEALTH_COUNT; i++)
		if (!strcmp(word, words[i])) {
			*health = (enum health)i;
			return true;
		}
	return false;
}

enum health health_worse(enum health a, enum health b)
{
	static const int grave[HEALTH_COUNT] = {0, 1, 3, 2};

	return grave[a] > grave[b] ? a : b;
}

/* Digits, a point, digits: what strtod would take beyond that is no level. */
static bool plain_number(const char *text, size_t size, double *value)
{
	char digits[32];

	if (!size || size >= sizeof(digits) || strspn(text, "0123456789.") < size)
		return false;
	memcpy(digits, text, size);
	digits[size] = '\0';
	if (*digits == '.' || strchr(digits, '.') != strrchr(digits, '.'))
		return false;
	*value = strtod(digits, NULL);
	return true;
}

static int parse_one(const char *text, const char *kind, double *value, struct err *err)
{
	size_t size = strlen(text);
	int64_t ms;

	if (!strcmp(kind, "time")) {
		if (num_duration(text, &ms, err))
			return -1;
		*value = (double)ms / 1000;
		return 0;
	}
	if (*kind == '%' && size && text[size - 1] == '%')
		size--;
	if (plain_number(text, size, value))
		return 0;
	return err_set(err, STATUS_USAGE, "'%s' is not a %s", text,
		       *kind == '%' ? "percentage" : "number");
}

int levels_parse(const char *text, const char *kind, struct levels *levels, struct err *err)
{
	const char *colon = strchr(text, ':');
	char *warn = mem_text_n(text, colon ? (size_t)(colon - text) : strlen(text));
	const char *crit = colon ? colon + 1 : "";
	int result = -1;

	memset(levels, 0, sizeof(*levels));
	if (!strcmp(text, "off")) {
		result = 0;
		goto out;
	}
	levels->has_warn = *warn;
	levels->has_crit = *crit;
	if ((*warn && parse_one(warn, kind, &levels->warn, err)) ||
	    (*crit && parse_one(crit, kind, &levels->crit, err)))
		goto out;
	levels->low = *warn && *crit && levels->warn > levels->crit;
	result = 0;
out:
	free(warn);
	return result;
}

static bool reached(const struct levels *levels, double level, double value)
{
	return levels->low ? value <= level : value >= level;
}

enum health levels_judge(const struct levels *levels, double value)
{
	if (isnan(value))
		return HEALTH_UNKNOWN;
	if (levels->has_crit && reached(levels, levels->crit, value))
		return HEALTH_CRITICAL;
	if (levels->has_warn && reached(levels, levels->warn, value))
		return HEALTH_WARNING;
	return HEALTH_OK;
}
