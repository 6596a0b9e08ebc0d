#include "lib/base/glob.h"

#include <string.h>

/* The pattern's bytes end at `size`. Linear but for the last star, which alone is gone back to. */
static bool match_n(const char *pattern, size_t size, const char *text)
{
	const char *end = pattern + size, *star = NULL, *back = NULL;

	while (*text) {
		if (pattern < end && *pattern == '*') {
			star = pattern++;
			back = text;
		} else if (pattern < end && (*pattern == '?' || *pattern == *text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++back;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

bool glob_match(const char *pattern, const char *text)
{
	return match_n(pattern, strlen(pattern), text);
}

bool glob_list_match(const char *patterns, const char *text)
{
	bool yes = false;

	while (*patterns) {
		size_t size = strcspn(patterns, ",");
		bool negated = *patterns == '!';

		if (size > (size_t)negated && match_n(patterns + negated, size - negated, text)) {
			if (negated)
				return false;
			yes = true;
		}
		patterns += size;
		patterns += *patterns == ',';
	}
	return yes;
}
