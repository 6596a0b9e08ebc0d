#include "lib/room/checkup.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"

/* No server has so many things to check; one that says so shall not fill the store. */
#define CHECKS_MAX 500
#define NAME_MAX_BYTES 200
#define TEXT_MAX_BYTES 1000

void checkup_finish(struct checkup *checkup)
{
	for (size_t i = 0; i < checkup->count; i++) {
		free(checkup->at[i].name);
		free(checkup->at[i].text);
	}
	free(checkup->at);
	memset(checkup, 0, sizeof(*checkup));
}

/* Shortens text to at most `most` bytes, between two characters. */
static void shorten(char *text, size_t most)
{
	size_t size = strlen(text), at = 0, step;
	uint32_t point;

	if (size <= most)
		return;
	while ((step = utf8_read(text + at, size - at, &point)) && at + step <= most)
		at += step;
	text[at] = '\0';
}

struct check *checkup_add(struct checkup *checkup, enum health status, const char *text,
			  const char *format, ...)
{
	struct buf name = BUF_INIT;
	struct check *check;
	va_list args;

	if (checkup->count == CHECKS_MAX)
		return NULL;
	if (checkup->count == checkup->cap) {
		checkup->cap = checkup->cap ? checkup->cap * 2 : 32;
		checkup->at = mem_resize(checkup->at, checkup->cap, sizeof(*checkup->at));
	}
	va_start(args, format);
	buf_vformat(&name, format, args);
	va_end(args);
	check = &checkup->at[checkup->count++];
	memset(check, 0, sizeof(*check));
	check->name = buf_detach(&name);
	check->text = mem_text(text);
	check->status = check->was = status;
	shorten(check->name, NAME_MAX_BYTES);
	shorten(check->text, TEXT_MAX_BYTES);
	return check;
}

const struct check *checkup_find(const struct checkup *checkup, const char *name)
{
	for (size_t i = 0; i < checkup->count; i++)
		if (!strcmp(checkup->at[i].name, name))
			return &checkup->at[i];
	return NULL;
}

static int by_gravity(const void *a, const void *b)
{
	const struct check *one = a, *other = b;

	if (one->status != other->status)
		return health_worse(one->status, other->status) == one->status ? -1 : 1;
	return natural_compare(one->name, other->name);
}

void checkup_close(struct checkup *checkup)
{
	checkup->status = HEALTH_OK;
	for (size_t i = 0; i < checkup->count; i++)
		checkup->status = health_worse(checkup->status, checkup->at[i].status);
	if (checkup->count)
		qsort(checkup->at, checkup->count, sizeof(*checkup->at), by_gravity);
}

void checkup_compare(struct checkup *checkup, const struct checkup *before)
{
	for (size_t i = 0; i < checkup->count; i++) {
		struct check *check = &checkup->at[i];
		const struct check *old = before ? checkup_find(before, check->name) : NULL;

		check->since_ms = checkup->at_ms;
		if (old && old->status == check->status) {
			check->was = old->was;
			check->since_ms = old->since_ms;
		} else if (old) {
			check->was = old->status;
		} else if (before) {
			check->was = HEALTH_OK; /* what is new was no trouble before */
		}
	}
}

void checkup_summary(const struct checkup *checkup, struct buf *text)
{
	size_t count = 0;

	for (size_t i = 0; i < checkup->count && checkup->status != HEALTH_OK; i++) {
		const struct check *check = &checkup->at[i];

		if (check->status == HEALTH_OK)
			continue;
		if (count++ < 4)
			buf_format(text, "%s%s: %s", count > 1 ? "; " : "", check->name,
				   check->text);
	}
	if (!count)
		buf_format(text, "%zu checks", checkup->count);
	else if (count > 4)
		buf_format(text, "; and %zu more", count - 4);
}
