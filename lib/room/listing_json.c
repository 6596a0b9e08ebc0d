/* JSON: an object per line, as mroom inventory ls --json and export write them, or an array. */
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/listing_build.h"

char *listing_json_text(const json_t *value)
{
	if (json_is_string(value))
		return mem_text(json_string_value(value));
	if (!value || json_is_null(value))
		return NULL;
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
}

/* Tags: an array of texts, or a text with commas. */
static char *tags_text(const json_t *value)
{
	struct list list = LIST_INIT;
	size_t i;
	json_t *tag;
	char *joined;

	if (!json_is_array(value))
		return listing_json_text(value);
	json_array_foreach(value, i, tag)
	{
		char *text = listing_json_text(tag);

		list_add(&list, text ? text : "");
		free(text);
	}
	joined = list_join(&list, ",");
	list_finish(&list);
	return joined;
}

static void add_pairs(struct list *into, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		list_add(into, key);
		list_take(into, json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT));
	}
}

static int read_member(struct roster_server *entry, const char *key, json_t *value, struct err *err)
{
	char *text;
	int result = 0;

	if (!strcmp(key, "state") && json_is_object(value)) {
		add_pairs(&entry->state, value);
		return 0;
	}
	if (!strcmp(key, "schedule") && json_is_object(value)) {
		add_pairs(&entry->schedule, value);
		return 0;
	}
	text = strcmp(key, "tags") ? listing_json_text(value) : tags_text(value);
	if (listing_knows(key))
		result = listing_set(entry, key, text ? text : "", err);
	mem_wipe_free(text);
	return result < 0 ? -1 : 0;
}

static void read_object(struct listing *listing, long line, json_t *object)
{
	struct roster_server entry;
	struct err err = ERR_INIT;
	const char *key;
	json_t *value;

	listing_entry(&entry);
	if (!json_is_object(object))
		err_set(&err, STATUS_USAGE, "expected an object");
	json_object_foreach(object, key, value)
	{
		if (read_member(&entry, key, value, &err))
			break;
	}
	if (err.status == STATUS_OK) {
		listing_take(listing, line, &entry);
		return;
	}
	listing_problem(listing, line, err.text);
	roster_server_finish(&entry);
}

static void read_array(struct listing *listing, const char *bytes, size_t count)
{
	json_error_t why;
	json_t *array = json_loadb(bytes, count, JSON_REJECT_DUPLICATES, &why);

	if (!array)
		listing_problem(listing, why.line, why.text);
	for (size_t i = 0; i < json_array_size(array); i++)
		read_object(listing, 0, json_array_get(array, i));
	json_decref(array);
}

static size_t blanks(const char *bytes, const char *end)
{
	size_t count = 0;

	while (bytes + count < end && memchr(" \t\r\n", bytes[count], 4))
		count++;
	return count;
}

static bool begins_array(const char *bytes, size_t count)
{
	size_t skip = blanks(bytes, bytes + count);

	return skip < count && bytes[skip] == '[';
}

void listing_read_json(struct listing *listing, const char *bytes, size_t count)
{
	const char *end = bytes + count;
	long line = 0;

	if (begins_array(bytes, count)) {
		read_array(listing, bytes, count);
		return;
	}
	for (const char *next; bytes < end; bytes = next) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		json_error_t why;
		json_t *object;

		next = stop ? stop + 1 : end;
		line++;
		if (blanks(bytes, stop ? stop : end) == (size_t)((stop ? stop : end) - bytes))
			continue;
		object = json_loadb(bytes, (size_t)((stop ? stop : end) - bytes),
				    JSON_REJECT_DUPLICATES, &why);
		if (object)
			read_object(listing, line, object);
		else
			listing_problem(listing, line, why.text);
		json_decref(object);
	}
}
