#include "lib/flow/range_word.h"

#include <stdbool.h>

#include "lib/base/mem.h"

enum { DIGITS_MAX = 18 }; /* a number of that many fits 64 bits */

static const char what_ranges_hold[] =
    "a range holds numbers or letters, as in [01-12,15] or [a-c]";

int range_refuse(const char *text, const char *why, struct err *err)
{
	bool cut = strlen(text) > 80;

	return err_set(err, STATUS_USAGE, "'%.80s%s': %s", text, cut ? "..." : "", why);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_padded(const char *digits, size_t size)
{
	return *digits == '0' && size > 1;
}

/* Reads digits or one letter. Returns how many bytes; 0 when there is neither or too much. */
static size_t read_bound(const char *at, long long *value)
{
	size_t size = 0;

	*value = 0;
	if (is_letter(*at)) {
		*value = (unsigned char)*at;
		return 1;
	}
	for (; is_digit(at[size]); size++) {
		if (size == DIGITS_MAX)
			return 0;
		*value = *value * 10 + (at[size] - '0');
	}
	return size;
}

/* Reads "/STEP", when it is there, and steps behind it. */
static int read_step(const char *text, const char **at, struct range_item *item, struct err *err)
{
	size_t size;

	item->step = 1;
	if (**at != '/')
		return 0;
	++*at;
	size = is_digit(**at) ? read_bound(*at, &item->step) : 0;
	if (!size || item->step < 1)
		return range_refuse(text, "the step of a range is a number from 1 up", err);
	*at += size;
	return 0;
}

/* Reads N, N-M, N-M/STEP or a-c at *at, and steps behind it. */
static int read_item(const char *text, const char **at, struct range_item *item, struct err *err)
{
	const char *low = *at;
	const char *high = low;
	size_t low_size = read_bound(low, &item->low);
	size_t high_size = low_size;

	if (!low_size)
		return range_refuse(text, what_ranges_hold, err);
	*at += low_size;
	item->high = item->low;
	if (**at == '-') {
		high = ++*at;
		high_size = read_bound(high, &item->high);
		*at += high_size;
		if (!high_size || is_letter(*low) != is_letter(*high))
			return range_refuse(text, what_ranges_hold, err);
	}
	if (is_letter(*low) && ((*low ^ *high) & 0x20))
		return range_refuse(text, "a range of letters is of one case", err);
	if (item->low > item->high)
		return range_refuse(text, "the range runs backwards", err);
	if (is_padded(high, high_size) && high_size != low_size)
		return range_refuse(text, "the ends of the range are padded differently", err);
	item->width = 0;
	if (is_letter(*low))
		item->width = -1;
	else if (is_padded(low, low_size))
		item->width = (int)low_size;
	return read_step(text, at, item, err);
}

/* Reads items from behind '[' up to ']', and steps behind that. */
static int read_items(const char *text, struct range_part *part, const char **at, struct err *err)
{
	size_t cap = 0;

	for (;;) {
		if (part->item_count == cap) {
			cap = cap ? cap * 2 : 4;
			part->items = mem_resize(part->items, cap, sizeof(*part->items));
		}
		if (!**at)
			return range_refuse(text, "a bracket is not closed", err);
		if (read_item(text, at, &part->items[part->item_count], err))
			return -1;
		part->item_count++;
		if (**at == ']')
			break;
		if (**at && **at != ',')
			return range_refuse(text, what_ranges_hold, err);
		*at += **at == ',';
	}
	++*at;
	return 0;
}

const char *range_plain_end(const char *at)
{
	const char *close;

	for (; *at && *at != ']'; at++) {
		if (*at != '[')
			continue;
		close = strchr(at, ']');
		if (!close || !memchr(at, ':', (size_t)(close - at)))
			break;
		at = close;
	}
	return at;
}

int range_word_read(struct range_word *word, const char *text, struct err *err)
{
	const char *at = text;
	struct range_part *part;

	word->text = text;
	do {
		word->parts = mem_resize(word->parts, word->count + 1, sizeof(*word->parts));
		part = &word->parts[word->count++];
		*part = (struct range_part){.text = at};
		at = range_plain_end(at);
		part->size = (size_t)(at - part->text);
		if (*at == ']')
			return range_refuse(text, "a bracket is closed that was not opened", err);
		if (*at++ == '[' && read_items(text, part, &at, err))
			return -1;
	} while (part->item_count);
	return 0;
}

void range_word_finish(struct range_word *word)
{
	for (size_t i = 0; i < word->count; i++)
		free(word->parts[i].items);
	free(word->parts);
}
