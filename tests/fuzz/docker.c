/* What container engines say, through a server: rows of ps and inspect come out as JSON and as
 * records that can be read again; (server, container) pairs and an image's own description are
 * understood or refused in one line. The first byte chooses. */
#include <jansson.h>
#include <string.h>

#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "lib/flow/out.h"
#include "lib/flow/pairs.h"
#include "lib/flow/record.h"
#include "lib/room/image.h"
#include "tests/fuzz/fuzz.h"

#define COLUMNS 4

static int take(void *ctx, const struct record *record, struct err *err)
{
	const char *values[COLUMNS] = {"web-01"};

	(void)err;
	for (size_t i = 0; i < record->count && i + 1 < COLUMNS; i++)
		values[i + 1] = record->fields[i].len ? record->fields[i].at : NULL;
	out_row(ctx, values);
	return 0;
}

static void check_json(const char *text)
{
	for (const char *end; *text; text = end + 1) {
		json_t *object;

		end = strchr(text, '\n');
		must(end != NULL);
		object = json_loadb(text, (size_t)(end - text), JSON_ALLOW_NUL, NULL);
		must(json_is_object(object) && json_object_size(object) == COLUMNS);
		json_decref(object);
	}
}

static int check_record(void *ctx, const struct record *record, struct err *err)
{
	(void)ctx;
	(void)err;
	must(record->count == COLUMNS && !strcmp(record->fields[0].at, "web-01"));
	return 0;
}

static void check_records(const char *text, size_t size)
{
	struct record_reader *reader = record_reader_create("fuzz", 0, check_record, NULL);
	struct err err = ERR_INIT;

	must(!record_feed(reader, text, size, &err) && !record_end(reader, &err));
	record_reader_destroy(reader);
}

/* No control bytes but newlines. */
static void check_table(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		must((unsigned char)text[i] >= ' ' || text[i] == '\n');
}

static void rows(const char *bytes, size_t count, const char *form)
{
	static const struct out_column columns[COLUMNS] = {{.name = "id"},
							   {.name = "container"},
							   {.name = "inspect", .type = OUT_RAW},
							   {.name = "pids", .type = OUT_INT}};
	const struct out_args args = {.form = form};
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	struct out *out = out_create(to, &args, columns, COLUMNS, &err);
	struct record_reader *reader = record_reader_create("web-01", 0, take, out);

	must(out != NULL);
	if (record_feed(reader, bytes, count, &err) || record_end(reader, &err))
		must(*err.text);
	record_reader_destroy(reader);
	must(!out_finish(out, NULL) && !fclose(to));
	if (!strcmp(form, "json"))
		check_json(text);
	else if (!strcmp(form, "tsv"))
		check_records(text, size);
	else
		check_table(text, size);
	free(text);
}

static void pairs(const uint8_t *bytes, size_t count)
{
	struct list servers = LIST_INIT;
	struct err err = ERR_INIT;
	const char *path = fuzz_file(bytes, count);
	int fd = open(path, O_RDONLY);
	struct map *pairs = pairs_read(fd, "fuzz", &servers, &err);

	close(fd);
	unlink(path);
	must(!pairs == (*err.text != '\0'));
	must(pairs || !strncmp(err.text, "fuzz:", 5));
	must(!pairs || map_count(pairs) == servers.count);
	pairs_destroy(pairs);
	list_finish(&servers);
}

/* The manifest, NUL, the configuration. */
static void image(const char *bytes, size_t count)
{
	struct image image = IMAGE_INIT;
	struct err err = ERR_INIT;
	const char *cut = memchr(bytes, '\0', count), *end = bytes + count;
	char *layers;

	if (!image_read_manifest(&image, bytes, cut ? (size_t)(cut - bytes) : count, &err) && cut &&
	    !image_read_config(&image, cut + 1, (size_t)(end - cut - 1), &err)) {
		must(image.layers.count == image.paths.count && !strstr(image.config, ".."));
		layers = list_join(&image.layers, " ");
		/* A digest may be empty, and then nothing is shared. */
		must(image_shared(&image, layers) <= image.layers.count);
		free(layers);
	}
	image_finish(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const char *const forms[] = {"json", "tsv", "table"};
	char *copy;

	if (!count--)
		return 0;
	copy = mem_text_n((const char *)bytes + 1, count);
	switch (*bytes % 5) {
	case 3:
		pairs(bytes + 1, count);
		break;
	case 4:
		image(copy, count);
		break;
	default:
		rows(copy, count, forms[*bytes % 5]);
	}
	free(copy);
	return 0;
}
