#include <jansson.h>
#include <string.h>

#include "lib/base/list.h"
#include "lib/base/utf8.h"
#include "lib/flow/out_form.h"

static int add_chunk(const char *bytes, size_t count, void *buf)
{
	buf_add(buf, bytes, count);
	return 0;
}

/* Puts U+FFFD for each byte that is no part of UTF-8: JSON can hold nothing else. */
static void sanitize(struct buf *buf, const char *text)
{
	size_t left = strlen(text);
	uint32_t point;

	while (left) {
		size_t size = utf8_read(text, left, &point);

		if (size)
			buf_add(buf, text, size);
		else
			buf_text(buf, "\xef\xbf\xbd");
		text += size ? size : 1;
		left -= size ? size : 1;
	}
}

/* Whether the text stands in a JSON string as it is: most values do, and need no parser. */
static bool is_plain(const char *text)
{
	while (*text >= ' ' && *text <= '~' && *text != '"' && *text != '\\')
		text++;
	return !*text;
}

static void add_string(struct buf *buf, const char *text)
{
	struct buf clean = BUF_INIT;
	json_t *string;

	if (is_plain(text)) {
		buf_char(buf, '"');
		buf_text(buf, text);
		buf_char(buf, '"');
		return;
	}
	sanitize(&clean, text);
	string = json_stringn(clean.at, clean.len);
	json_dump_callback(string, add_chunk, buf, JSON_ENCODE_ANY);
	json_decref(string);
	buf_finish(&clean);
}

static void add_list(struct buf *buf, const char *text)
{
	struct list items = LIST_INIT;

	list_split(&items, text, ',');
	buf_char(buf, '[');
	for (size_t i = 0; i < items.count; i++) {
		if (i)
			buf_char(buf, ',');
		add_string(buf, items.at[i]);
	}
	buf_char(buf, ']');
	list_finish(&items);
}

/* Adds text that is JSON already, on one line; text that is not becomes a string. */
static void add_raw(struct buf *buf, const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	if (value)
		json_dump_callback(value, add_chunk, buf, JSON_ENCODE_ANY | JSON_COMPACT);
	else
		add_string(buf, text);
	json_decref(value);
}

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* A number as JSON writes it: -? int frac? exp?, without leading zeros. */
static bool is_number(const char *text, bool real)
{
	size_t size;

	text += *text == '-';
	size = digits(text);
	if (!size || (size > 1 && *text == '0'))
		return false;
	text += size;
	if (real && *text == '.') {
		size = digits(text + 1);
		text += size ? size + 1 : 0;
	}
	if (real && (*text == 'e' || *text == 'E')) {
		size_t sign = text[1] == '-' || text[1] == '+';

		size = digits(text + 1 + sign);
		text += size ? size + 1 + sign : 0;
	}
	return !*text;
}

/* Whether readers can hold the number: most take no integer past 64 bits, nor an exponent past a double's. */
static bool is_held(const char *number)
{
	json_t *value;
	bool held;

	if (strlen(number) <= 18 && !strpbrk(number, "eE"))
		return true;
	value = json_loads(number, JSON_DECODE_ANY, NULL);
	held = value != NULL;
	json_decref(value);
	return held;
}

static void add_value(struct buf *buf, enum out_type type, const char *value)
{
	bool literal = false;

	if (!value) {
		buf_text(buf, type == OUT_LIST ? "[]" : "null");
		return;
	}
	if (type == OUT_BOOL) {
		value = out_bool_text(value);
		literal = !strcmp(value, "true") || !strcmp(value, "false");
	} else if (type == OUT_INT || type == OUT_REAL) {
		literal = is_number(value, type == OUT_REAL) && is_held(value);
	}
	if (literal)
		buf_text(buf, value);
	else if (type == OUT_LIST)
		add_list(buf, value);
	else if (type == OUT_RAW)
		add_raw(buf, value);
	else
		add_string(buf, value);
}

void out_json_row(struct buf *buf, const struct out *out, const char *const *values)
{
	buf_char(buf, '{');
	for (size_t i = 0; i < out->shown_count; i++) {
		const struct out_column *column = &out->columns[out->shown[i]];

		if (i)
			buf_char(buf, ',');
		add_string(buf, column->name);
		buf_char(buf, ':');
		add_value(buf, column->type, values[out->shown[i]]);
	}
	buf_text(buf, "}\n");
}
