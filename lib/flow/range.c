#include "lib/flow/range.h"

#include <stdbool.h>

#include "lib/base/mem.h"
#include "lib/flow/range_word.h"

#define RESULT_BYTES_MAX ((size_t)1 << 28) /* of all results of one word together */

/* Where counting through one bracket stands. */
struct wheel {
	size_t item;
	long long value;
};

static long long count_item(const struct range_item *item)
{
	return (item->high - item->low) / item->step + 1;
}

/* How many words come out, or 0 with err set when they are too many. */
static long long count_results(const struct range_word *word, struct err *err)
{
	long long total = 1;
	size_t size = 1;

	for (size_t i = 0; i < word->count; i++) {
		const struct range_part *part = &word->parts[i];
		long long here = part->item_count ? 0 : 1;

		for (size_t j = 0; j < part->item_count && here <= RANGE_MAX; j++)
			here += count_item(&part->items[j]);
		size += part->size + 20;
		if (here > RANGE_MAX || here * total > RANGE_MAX)
			break;
		total *= here;
		if (i + 1 == word->count && size <= RESULT_BYTES_MAX / (size_t)total)
			return total;
	}
	range_refuse(word->text, "the range means more than 1000000 servers", err);
	return 0;
}

/* Turns the wheels on by one, the last one fastest. */
static void turn(const struct range_word *word, struct wheel *wheels)
{
	for (size_t i = word->count - 1; i-- > 0;) {
		const struct range_part *part = &word->parts[i];
		const struct range_item *item = &part->items[wheels[i].item];

		wheels[i].value += item->step;
		if (wheels[i].value <= item->high)
			return;
		wheels[i].item = (wheels[i].item + 1) % part->item_count;
		wheels[i].value = part->items[wheels[i].item].low;
		if (wheels[i].item)
			return;
	}
}

/* Appends what the part is while its wheel stands as it does. */
static void add_part(struct buf *buf, const struct range_part *part, const struct wheel *wheel)
{
	char number[32];
	int width;
	int size;

	buf_add(buf, part->text, part->size);
	if (!part->item_count)
		return;
	width = part->items[wheel->item].width;
	if (width < 0) {
		buf_char(buf, (char)wheel->value);
		return;
	}
	size = snprintf(number, sizeof(number), "%0*lld", width, wheel->value);
	buf_add(buf, number, (size_t)size);
}

int range_expand(const char *text, struct list *into, struct err *err)
{
	struct range_word word = RANGE_WORD_INIT;
	struct wheel *wheels = NULL;
	struct buf one = BUF_INIT;
	long long total;
	int result = -1;

	if (range_word_read(&word, text, err))
		goto out;
	total = count_results(&word, err);
	if (!total)
		goto out;
	wheels = mem_zero(word.count, sizeof(*wheels));
	for (size_t i = 0; i + 1 < word.count; i++)
		wheels[i].value = word.parts[i].items[0].low;
	for (; total; total--) {
		buf_clear(&one);
		for (size_t i = 0; i < word.count; i++)
			add_part(&one, &word.parts[i], &wheels[i]);
		list_add_n(into, one.at, one.len);
		turn(&word, wheels);
	}
	result = 0;
out:
	buf_finish(&one);
	free(wheels);
	range_word_finish(&word);
	return result;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void add_trimmed(struct list *words, const char *start, const char *end)
{
	while (start < end && is_blank(*start))
		start++;
	while (end > start && is_blank(end[-1]))
		end--;
	if (end > start)
		list_add_n(words, start, (size_t)(end - start));
}

int range_split(const char *text, struct list *words, struct err *err)
{
	const char *start = text;
	const char *at = text;

	for (;; at++) {
		if (*at == '[') {
			at = strchr(at, ']');
			if (!at)
				return range_refuse(text, "a bracket is not closed", err);
		} else if (*at == ',' || !*at) {
			add_trimmed(words, start, at);
			start = at + 1;
		}
		if (!*at)
			return 0;
	}
}
