#include "lib/flow/normalize.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t digits(const char *at, size_t left)
{
	size_t count = 0;

	while (count < left && isdigit((unsigned char)at[count]))
		count++;
	return count;
}

/* D..D SEP D..D ... : how long, when each number has min..max digits and there are `parts` of them;
 * else 0. */
static size_t numbers(const char *at, size_t left, char separator, size_t first, size_t rest,
		      size_t parts)
{
	size_t used = 0;

	for (size_t part = 0; part < parts; part++) {
		size_t count = digits(at + used, left - used), want = part ? rest : first;

		if (count == 0 || count > want || (part && count < rest))
			return 0;
		used += count;
		if (part + 1 < parts) {
			if (used == left || at[used] != separator)
				return 0;
			used++;
		}
	}
	return used;
}

static size_t match_date(const char *at, size_t left)
{
	return left >= 10 && digits(at, left) == 4 ? numbers(at, left, '-', 4, 2, 3) : 0;
}

static size_t match_time(const char *at, size_t left)
{
	size_t used = numbers(at, left, ':', 2, 2, 3), fraction;

	if (!used)
		return numbers(at, left, ':', 2, 2, 2);
	if (used < left && (at[used] == '.' || at[used] == ',')) {
		fraction = digits(at + used + 1, left - used - 1);
		used += fraction ? fraction + 1 : 0;
	}
	return used;
}

/* An address as the system's own parser reads it, of six hexadecimal pairs, or none: 0. */
static size_t match_address(const char *at, size_t left)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char parsed[16];
	size_t used = 0, colons = 0, dots = 0;

	while (used < left && used < sizeof(text) - 1 &&
	       (isxdigit((unsigned char)at[used]) || at[used] == ':' || at[used] == '.')) {
		colons += at[used] == ':';
		dots += at[used] == '.';
		used++;
	}
	while (used > 0 && (at[used - 1] == '.' ||
			    (at[used - 1] == ':' && !(used > 1 && at[used - 2] == ':')))) {
		colons -= at[used - 1] == ':';
		dots -= at[used - 1] == '.';
		used--;
	}
	memcpy(text, at, used);
	text[used] = '\0';
	if (dots == 3 && colons == 1 && strchr(text, ':') > strrchr(text, '.')) {
		used = (size_t)(strchr(text, ':') - text); /* a port follows */
		text[used] = '\0';
		colons = 0;
	}
	if (dots == 3 && colons == 0 && inet_pton(AF_INET, text, parsed) == 1)
		return used;
	if (colons >= 2 && inet_pton(AF_INET6, text, parsed) == 1)
		return used;
	if (used == 17 && colons == 5 && dots == 0)
		return used;
	return 0;
}

static size_t match_name(const char *at, size_t left, const char *const *names, size_t name_count)
{
	size_t longest = 0;

	for (size_t i = 0; i < name_count; i++) {
		size_t size = strlen(names[i]);

		if (size > longest && size <= left && !memcmp(at, names[i], size) &&
		    (size == left || !is_word(at[size])))
			longest = size;
	}
	return longest;
}

/* Behind a dot or a double colon there is the rest of something longer. */
static bool inside_address(const char *bytes, size_t at)
{
	return (at > 0 && bytes[at - 1] == '.') ||
	       (at > 1 && bytes[at - 1] == ':' && bytes[at - 2] == ':');
}

void normalize(struct buf *to, const char *bytes, size_t count, const char *const *names,
	       size_t name_count)
{
	size_t used;

	for (size_t at = 0; at < count; at += used) {
		const char *here = bytes + at;
		size_t left = count - at;
		bool begins = at == 0 || !is_word(here[-1]) ||
			      (here[-1] == 'T' && to->len > 0 && to->len >= 7 &&
			       !memcmp(to->at + to->len - 7, "<date>T", 7));
		const char *mask = NULL;

		used = 0;
		if (begins && (used = match_name(here, left, names, name_count)))
			mask = "<name>";
		else if (begins && !inside_address(bytes, at) && (used = match_address(here, left)))
			mask = "<address>";
		else if (begins && (used = match_date(here, left)))
			mask = "<date>";
		else if (begins && (used = match_time(here, left)))
			mask = "<time>";
		if (mask && used < left && is_word(here[used]) && here[used] != 'T' &&
		    here[used] != 'Z')
			mask = NULL;
		if (mask) {
			buf_text(to, mask);
		} else {
			buf_char(to, *here);
			used = 1;
		}
	}
}
