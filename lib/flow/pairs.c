#include "lib/flow/pairs.h"

#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/flow/record.h"

struct reading {
	struct map *pairs;
	struct list *servers;
};

static void add(struct reading *reading, const char *server, const char *container)
{
	struct list *containers = map_get(reading->pairs, server);

	if (!containers) {
		containers = mem_zero(1, sizeof(*containers));
		map_set(reading->pairs, server, containers);
		list_add(reading->servers, server);
	}
	if (!list_has(containers, container))
		list_add(containers, container);
}

/* A record of JSON has its whole text for second field: the container is a member of it. */
static char *json_container(const char *text)
{
	json_t *object = json_loads(text, 0, NULL);
	const char *name = json_string_value(json_object_get(object, "container"));
	char *container = name ? mem_text(name) : NULL;

	json_decref(object);
	return container;
}

static int take(void *ctx, const struct record *record, struct err *err)
{
	const char *field = record->count > 1 ? record->fields[1].at : "";
	char *container = *field == '{' ? json_container(field) : mem_text(field);

	if (!container || !*container || strlen(field) != record->fields[record->count > 1].len) {
		free(container);
		return err_set(
		    err, STATUS_USAGE,
		    "%s:%ld: no container in the second field (try: mroom docker ps -a | ...)",
		    record->source, record->line);
	}
	add(ctx, record->fields[0].at, container);
	free(container);
	return 0;
}

struct map *pairs_read(int fd, const char *source, struct list *servers, struct err *err)
{
	struct reading reading = {map_create(), servers};
	struct record_reader *reader = record_reader_create(source, 0, take, &reading);
	int result = record_read(reader, fd, err);

	record_reader_destroy(reader);
	if (!result)
		return reading.pairs;
	pairs_destroy(reading.pairs);
	return NULL;
}

void pairs_destroy(struct map *pairs)
{
	void *containers;

	if (!pairs)
		return;
	for (size_t at = 0; map_next(pairs, &at, NULL, &containers);) {
		list_finish(containers);
		free(containers);
	}
	map_destroy(pairs);
}
