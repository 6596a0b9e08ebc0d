#include "lib/room/state_value.h"

#include <jansson.h>
#include <string.h>

static int add_bytes(const char *bytes, size_t count, void *ctx)
{
	buf_add(ctx, bytes, count);
	return 0;
}

static int add_string(const char *text, struct buf *json, struct err *err)
{
	json_t *string = json_string(text);

	if (!string)
		return err_set(err, STATUS_USAGE, "the value is not UTF-8");
	json_dump_callback(string, add_bytes, json, JSON_ENCODE_ANY);
	json_decref(string);
	return 0;
}

int state_value_read(const char *text, bool as_text, struct buf *json, struct err *err)
{
	json_error_t why;
	json_t *value;

	if (as_text)
		return add_string(text, json, err);
	value = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &why);
	if (value) {
		json_decref(value);
		buf_text(json, text);
		return 0;
	}
	if (strchr("{[\"", text[strspn(text, " \t\r\n")]) && *text)
		return err_set(err, STATUS_USAGE,
			       "the value is no JSON: %s (--text takes it as it is)", why.text);
	return add_string(text, json, err);
}

void state_value_bare(const char *json, struct buf *text)
{
	json_t *string =
	    *json == '"' ? json_loads(json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;

	if (string)
		buf_add(text, json_string_value(string), json_string_length(string));
	else
		buf_text(text, json);
	json_decref(string);
}

bool state_value_true(const char *json)
{
	return strcmp(json, "false") != 0 && strcmp(json, "null") != 0 && strcmp(json, "0") != 0 &&
	       strcmp(json, "\"\"") != 0;
}
