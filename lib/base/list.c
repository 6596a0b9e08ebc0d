#include "lib/base/list.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"

void list_take(struct list *list, char *text)
{
	if (list->count == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 8;
		list->at = mem_resize(list->at, list->cap, sizeof(*list->at));
	}
	list->at[list->count++] = text;
}

void list_add(struct list *list, const char *text)
{
	list_take(list, mem_text(text));
}

void list_add_n(struct list *list, const char *text, size_t size)
{
	list_take(list, mem_text_n(text, size));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void list_split(struct list *list, const char *text, char separator)
{
	const char *end;
	const char *next;

	for (; *text; text = next) {
		end = strchr(text, separator);
		if (!end)
			end = text + strlen(text);
		next = *end ? end + 1 : end;
		while (text < end && is_blank(*text))
			text++;
		while (end > text && is_blank(end[-1]))
			end--;
		if (end > text)
			list_add_n(list, text, (size_t)(end - text));
	}
}

bool list_has(const struct list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->at[i], text))
			return true;
	return false;
}

char *list_join(const struct list *list, const char *separator)
{
	struct buf joined = BUF_INIT;

	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buf_text(&joined, separator);
		buf_text(&joined, list->at[i]);
	}
	return buf_detach(&joined);
}

void list_finish(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct list)LIST_INIT;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Compares the digit runs that *a and *b stand on by value, and steps behind them. */
static int compare_numbers(const char **a, const char **b)
{
	size_t a_size = 0;
	size_t b_size = 0;
	int diff;

	while (**a == '0')
		(*a)++;
	while (**b == '0')
		(*b)++;
	while (is_digit((*a)[a_size]))
		a_size++;
	while (is_digit((*b)[b_size]))
		b_size++;
	if (a_size != b_size)
		return a_size < b_size ? -1 : 1;
	diff = memcmp(*a, *b, a_size);
	*a += a_size;
	*b += b_size;
	return diff;
}

int natural_compare(const char *a, const char *b)
{
	const char *a_start = a;
	const char *b_start = b;
	int diff;

	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			diff = compare_numbers(&a, &b);
			if (diff)
				return diff;
		} else if (*a != *b) {
			break;
		} else {
			a++;
			b++;
		}
	}
	if (*a != *b)
		return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
	return strcmp(a_start, b_start); /* web1 and web01: equal in value, not the same */
}

static int compare_entries(const void *a, const void *b)
{
	return natural_compare(*(char *const *)a, *(char *const *)b);
}

void list_sort(struct list *list)
{
	if (list->count > 1)
		qsort(list->at, list->count, sizeof(*list->at), compare_entries);
}
