#include "lib/room/state_input.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/flow/record.h"
#include "lib/room/state_value.h"

/* A record that was read. */
struct entry {
	char *id, *key, *json; /* key NULL with STATE_INPUT_VALUE */
	long line;
};

struct reading {
	struct console *console;
	enum state_input_form form;
	bool as_text;
	const char *known; /* the id that was looked up last */
	struct entry *entries;
	size_t count, cap;
	long line;
};

/* Whether there is such a server; the same one often comes many times in a row. */
static int check_id(struct reading *reading, const char *id, struct err *err)
{
	struct server server;
	int found;

	if (reading->known && !strcmp(reading->known, id))
		return 0;
	found = store_server_get(reading->console->store, id, &server, err);
	if (found == 1)
		server_finish(&server);
	else if (!found)
		return err_set(err, STATUS_USAGE, "no server '%s' (see: mroom inventory ls)", id);
	else
		return -1;
	return 0;
}

static int keep(struct reading *reading, const char *id, const char *key, const char *json,
		struct err *err)
{
	struct entry *entry;

	if (check_id(reading, id, err))
		return -1;
	if (reading->count == reading->cap) {
		reading->cap = reading->cap ? reading->cap * 2 : 256;
		reading->entries =
		    mem_resize(reading->entries, reading->cap, sizeof(*reading->entries));
	}
	entry = &reading->entries[reading->count++];
	*entry = (struct entry){mem_text(id), mem_text(key), mem_text(json), reading->line};
	reading->known = entry->id;
	return 0;
}

/* The value as text, its numbers in the shortest form that means the same; malloc'ed. */
static char *value_text(const json_t *value)
{
	for (size_t digits = 15;; digits++) {
		char *text =
		    json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(digits));
		json_t *back = json_loads(text ? text : "", JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		bool same = json_equal(value, back);

		json_decref(back);
		if (same || digits == 17)
			return text;
		free(text);
	}
}

/* {"id":"web-01","key":"ports","value":[80]} */
static int take_object(struct reading *reading, const char *text, struct err *err)
{
	json_t *object = json_loads(text, JSON_ALLOW_NUL, NULL);
	const char *id = json_string_value(json_object_get(object, "id"));
	bool keyed = reading->form == STATE_INPUT_KEYED;
	const char *key = keyed ? json_string_value(json_object_get(object, "key")) : NULL;
	char *json = NULL;
	int result;

	if (json_object_get(object, "value"))
		json = value_text(json_object_get(object, "value"));
	if (!id || !json || (keyed && !key))
		result = err_set(err, STATUS_USAGE, "an object without id, %svalue",
				 keyed ? "key, " : "");
	else
		result = keep(reading, id, key, json, err);
	free(json);
	json_decref(object);
	return result;
}

static int take_fields(struct reading *reading, const struct record *record, struct err *err)
{
	size_t count = reading->form == STATE_INPUT_KEYED ? 3 : 2;
	struct buf json = BUF_INIT;
	int result = 0;

	if (record->count != count)
		return err_set(err, STATUS_USAGE, "%zu fields, expected %s", record->count,
			       count == 3 ? "id, key and value" : "id and value");
	for (size_t i = 0; i < count && !result; i++)
		if (strlen(record->fields[i].at) != record->fields[i].len)
			result = err_set(err, STATUS_USAGE, "a field holds a NUL byte");
	if (!result)
		result =
		    state_value_read(record->fields[count - 1].at, reading->as_text, &json, err);
	if (!result)
		result = keep(reading, record->fields[0].at,
			      count == 3 ? record->fields[1].at : NULL, json.at, err);
	buf_finish(&json);
	return result;
}

static int take_record(void *ctx, const struct record *record, struct err *err)
{
	struct reading *reading = ctx;
	int result;

	reading->line = record->line;
	result = record->json ? take_object(ctx, record->fields[1].at, err)
			      : take_fields(ctx, record, err);

	return result ? err_prefix(err, "%s:%ld", record->source, record->line) : 0;
}

/* Hands on what was read, in one transaction. */
static int apply(const struct reading *reading, const char *name, state_input_fn *fn, void *ctx,
		 struct err *err)
{
	struct store *store = reading->console->store;

	if (store_begin(store, err))
		return -1;
	for (size_t i = 0; i < reading->count; i++) {
		const struct entry *entry = &reading->entries[i];
		const struct state_input input = {entry->id, entry->key, entry->json};

		if (fn(ctx, &input, err)) {
			store_rollback(store);
			return err_prefix(err, "%s:%ld", name, entry->line);
		}
	}
	return store_commit(store, err);
}

static void reading_finish(struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++) {
		free(reading->entries[i].id);
		free(reading->entries[i].key);
		free(reading->entries[i].json);
	}
	free(reading->entries);
}

int state_input_load(struct console *console, const char *path, enum state_input_form form,
		     bool as_text, state_input_fn *fn, void *ctx, struct err *err)
{
	struct reading reading = {.console = console, .form = form, .as_text = as_text};
	bool standard = !strcmp(path, "-");
	const char *name = standard ? "standard input" : path;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct record_reader *reader;
	int result;

	if (fd < 0)
		return err_sys(err, STATUS_USAGE, errno, "%s", path);
	reader = record_reader_create(name, 0, take_record, &reading);
	result = record_read(reader, fd, err);
	record_reader_destroy(reader);
	if (!standard)
		close(fd);
	if (!result)
		result = apply(&reading, name, fn, ctx, err);
	reading_finish(&reading);
	return result;
}
