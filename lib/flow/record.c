#include "lib/flow/record.h"

#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/quote.h"

#define LINE_MAX_BYTES ((size_t)1 << 20)
#define READ_SIZE 65536

struct record_reader {
	char *source;
	size_t max_fields;
	record_fn *fn;
	void *ctx;
	long line;	    /* lines begun so far */
	struct buf partial; /* the beginning of a line whose end has not come yet */
	struct buf *fields; /* kept from record to record, so that their memory is used again */
	size_t field_cap;
};

struct record_reader *record_reader_create(const char *source, size_t max_fields, record_fn *fn,
					   void *ctx)
{
	struct record_reader *reader = mem_zero(1, sizeof(*reader));

	reader->source = mem_text(source);
	reader->max_fields = max_fields;
	reader->fn = fn;
	reader->ctx = ctx;
	buf_init(&reader->partial);
	return reader;
}

void record_reader_destroy(struct record_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < reader->field_cap; i++)
		buf_finish(&reader->fields[i]);
	free(reader->fields);
	buf_finish(&reader->partial);
	free(reader->source);
	free(reader);
}

/* Field number `index`, emptied. */
static struct buf *take_field(struct record_reader *reader, size_t index)
{
	size_t cap = reader->field_cap;

	if (index >= cap) {
		reader->field_cap = cap ? cap * 2 : 8;
		reader->fields =
		    mem_resize(reader->fields, reader->field_cap, sizeof(*reader->fields));
		for (; cap < reader->field_cap; cap++)
			buf_init(&reader->fields[cap]);
	}
	buf_clear(&reader->fields[index]);
	return &reader->fields[index];
}

static int deliver(struct record_reader *reader, size_t count, bool json, struct err *err)
{
	const struct record record = {.source = reader->source,
				      .line = reader->line,
				      .json = json,
				      .count = count,
				      .fields = reader->fields};

	return reader->fn(reader->ctx, &record, err);
}

static int fail(const struct record_reader *reader, const char *why, struct err *err)
{
	return err_set(err, STATUS_USAGE, "%s:%ld: %s", reader->source, reader->line, why);
}

static int read_json(struct record_reader *reader, const char *line, size_t count, struct err *err)
{
	json_error_t problem;
	json_t *object = json_loadb(line, count, 0, &problem);
	const json_t *id = json_object_get(object, "id");
	struct buf *field = take_field(reader, 0);
	int result;

	if (!object)
		return err_set(err, STATUS_USAGE, "%s:%ld: not a JSON object: %s", reader->source,
			       reader->line, problem.text);
	if (json_is_string(id))
		buf_add(field, json_string_value(id), json_string_length(id));
	else if (json_is_integer(id))
		buf_format(field, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	buf_add(take_field(reader, 1), line, count);
	if (reader->fields[0].len)
		result = deliver(reader, 2, true, err);
	else
		result = fail(reader, "the JSON object has no \"id\"", err);
	json_decref(object);
	return result;
}

static int read_fields(struct record_reader *reader, const char *line, size_t count,
		       struct err *err)
{
	const char *end = line + count;
	size_t used = 0;

	for (;;) {
		bool last = reader->max_fields && used + 1 == reader->max_fields;
		const char *tab = last ? NULL : memchr(line, '\t', (size_t)(end - line));
		const char *stop = tab ? tab : end;
		struct buf *field = take_field(reader, used++);

		if (last) /* the output line of a record of exec, as it is */
			buf_add(field, line, (size_t)(stop - line));
		else
			unquote_field(field, line, (size_t)(stop - line));
		if (!tab)
			return deliver(reader, used, false, err);
		line = tab + 1;
	}
}

/* One line without its newline. */
static int read_line(struct record_reader *reader, const char *line, size_t count, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";

	reader->line++;
	if (count > LINE_MAX_BYTES)
		return fail(reader, "the line is longer than 1 MiB", err);
	if (count && line[count - 1] == '\r')
		count--;
	if (reader->line == 1 && count >= 3 && !memcmp(line, mark, 3)) {
		line += 3;
		count -= 3;
	}
	if (!count || *line == '#')
		return 0;
	if (*line == '{')
		return read_json(reader, line, count, err);
	return read_fields(reader, line, count, err);
}

int record_feed(struct record_reader *reader, const char *bytes, size_t count, struct err *err)
{
	const char *newline;
	int result;

	while (count && (newline = memchr(bytes, '\n', count))) {
		size_t size = (size_t)(newline - bytes);

		if (reader->partial.len) {
			buf_add(&reader->partial, bytes, size);
			result = read_line(reader, reader->partial.at, reader->partial.len, err);
			buf_clear(&reader->partial);
		} else {
			result = read_line(reader, bytes, size, err);
		}
		if (result)
			return -1;
		bytes = newline + 1;
		count -= size + 1;
	}
	buf_add(&reader->partial, bytes, count);
	/* Refused before its end has come: it may never come. */
	if (reader->partial.len > LINE_MAX_BYTES + 1)
		return record_end(reader, err);
	return 0;
}

int record_end(struct record_reader *reader, struct err *err)
{
	int result = 0;

	if (reader->partial.len)
		result = read_line(reader, reader->partial.at, reader->partial.len, err);
	buf_clear(&reader->partial);
	return result ? -1 : 0;
}

int record_read(struct record_reader *reader, int fd, struct err *err)
{
	char *bytes = mem_alloc(READ_SIZE);
	int result = 0;
	ssize_t got;

	while (!result && (got = read(fd, bytes, READ_SIZE)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		result = got < 0 ? err_sys(err, STATUS_USAGE, errno, "%s", reader->source)
				 : record_feed(reader, bytes, (size_t)got, err);
	}
	free(bytes);
	return result ? -1 : record_end(reader, err);
}

void record_field(struct buf *buf, const char *text, bool first)
{
	if (!text)
		return;
	/* A record that begins like a comment or like JSON would not be read back as one. */
	if (first && (*text == '#' || *text == '{'))
		buf_format(buf, "\\x%02x", (unsigned char)*text++);
	quote_field(buf, text, strlen(text));
}

void record_write(struct buf *buf, const char *const *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_char(buf, '\t');
		record_field(buf, fields[i], !i);
	}
	buf_char(buf, '\n');
}
