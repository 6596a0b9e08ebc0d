#include "cmd/exec/subst.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/room/store_state.h"

static int put(const struct subst *subst, const char *value, struct buf *to, struct err *err)
{
	if (subst->quote && strchr(value, '\n'))
		return err_set(
		    err, STATUS_USAGE,
		    "a value of several lines does not fit a command line (use --script)");
	if (subst->quote)
		quote_word(to, value);
	else
		buf_text(to, value);
	return 0;
}

/* A string as its text, anything else as JSON. */
static int put_json(const struct subst *subst, const char *text, struct buf *to, struct err *err)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	int result;

	if (!json_is_string(value))
		result = put(subst, text, to, err);
	else if (strlen(json_string_value(value)) != json_string_length(value))
		result = err_set(err, STATUS_USAGE, "the value holds a NUL byte");
	else
		result = put(subst, json_string_value(value), to, err);
	json_decref(value);
	return result;
}

static int put_key(const struct subst *subst, const char *key, struct buf *to, struct err *err)
{
	struct buf json = BUF_INIT;
	int found = store_state_get(subst->store, subst->id, key, &json, err);
	int result = -1;

	if (!found)
		err_set(err, STATUS_USAGE,
			"nothing is remembered under '%s' (try: mroom state set)", key);
	else if (found > 0)
		result = put_json(subst, json.at, to, err);
	buf_finish(&json);
	return result ? err_prefix(err, "%%{%s}", key) : 0;
}

/* The placeholder at `at`, which begins with %; how long it is. NULL subst only looks. */
static int one(const struct subst *subst, const char *at, size_t *size, struct buf *to,
	       struct err *err)
{
	const char *end = at[1] == '{' ? strchr(at, '}') : NULL;
	char number[24];
	char *key;
	int result;

	*size = 2;
	if (at[1] == '{' && (!end || end == at + 2))
		return err_set(err, STATUS_USAGE, "--subst: '%s': a key in braces is due", at);
	if (at[1] == '\0' || !strchr("hun%{", at[1]))
		return err_set(err, STATUS_USAGE,
			       "--subst: '%.2s' is no placeholder (%%h %%u %%n %%%% %%{key})", at);
	if (end)
		*size = (size_t)(end + 1 - at);
	if (!subst)
		return 0;
	switch (at[1]) {
	case 'h':
		return put(subst, subst->id, to, err);
	case 'u':
		return put(subst, subst->user, to, err);
	case 'n':
		snprintf(number, sizeof(number), "%zu", subst->number);
		return put(subst, number, to, err);
	case '%':
		buf_char(to, '%');
		return 0;
	default:
		key = mem_text_n(at + 2, *size - 3);
		result = put_key(subst, key, to, err);
		free(key);
		return result;
	}
}

static int walk(const struct subst *subst, const char *text, struct buf *to, struct err *err)
{
	size_t size;

	for (const char *at = text; *at; at += size) {
		size = strcspn(at, "%");
		if (size > 0 && to)
			buf_add(to, at, size);
		if (size == 0 && one(subst, at, &size, to, err))
			return -1;
	}
	return 0;
}

int subst_check(const char *text, struct err *err)
{
	return walk(NULL, text, NULL, err);
}

int subst_fill(const struct subst *subst, const char *text, struct buf *to, struct err *err)
{
	return walk(subst, text, to, err);
}
