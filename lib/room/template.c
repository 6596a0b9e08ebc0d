#include "lib/room/template.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/store_state.h"

#define KEY_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

/* A place: what stands between {{ and }}. */
struct place {
	char *key, *fallback; /* fallback NULL: none */
	const char *end;      /* behind }} */
};

/* Whether a place begins at `at`, which is at "{{". */
static bool read_place(const char *at, struct place *place)
{
	const char *key = at + 2 + strspn(at + 2, " "), *end = key + strspn(key, KEY_BYTES);
	const char *after = end + strspn(end, " "), *close;

	if (end == key || !(isalpha((unsigned char)*key) || *key == '_'))
		return false;
	close = strstr(after, "}}");
	if (!close || (*after != '|' && close != after) ||
	    memchr(after, '\n', (size_t)(close - after)))
		return false;
	place->key = mem_text_n(key, (size_t)(end - key));
	place->end = close + 2;
	while (close > after && close[-1] == ' ')
		close--;
	place->fallback = *after == '|' ? mem_text_n(after + 1, (size_t)(close - after - 1)) : NULL;
	return true;
}

/* What the roster says: NULL when the key is none of these. */
static char *own_value(const struct server *server, const char *key)
{
	if (!strcmp(key, "SERVER_ID"))
		return mem_text(server->id);
	if (!strcmp(key, "SERVER_HOST"))
		return mem_text(server->host ? server->host : server->id);
	if (!strcmp(key, "SERVER_PORT"))
		return mem_format("%ld", server->port ? server->port : 22);
	if (!strcmp(key, "SERVER_USER"))
		return mem_text(server->user ? server->user : "");
	if (!strcmp(key, "SERVER_ROOM"))
		return mem_text(server->room ? server->room : "");
	return NULL;
}

/* 1: appended, 0: nothing remembered, -1. Text goes bare, anything else as JSON. */
static int add_state(struct store *store, const char *id, const char *key, struct buf *to,
		     struct err *err)
{
	struct buf json = BUF_INIT;
	int found = store_state_get(store, id, key, &json, err);
	json_t *value = found > 0 ? json_loadb(json.at, json.len, JSON_DECODE_ANY, NULL) : NULL;

	if (json_is_string(value))
		buf_add(to, json_string_value(value), json_string_length(value));
	else if (found > 0)
		buf_add(to, json.at, json.len);
	json_decref(value);
	buf_finish(&json);
	return found;
}

static int fill(struct store *store, const struct server *server, const struct place *place,
		struct buf *to, struct err *err)
{
	char *own = own_value(server, place->key), *lower = mem_text(place->key);
	int found = 1;

	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (own) {
		buf_text(to, own);
	} else {
		found = add_state(store, server->id, place->key, to, err);
		if (found == 0 && strcmp(lower, place->key) != 0)
			found = add_state(store, server->id, lower, to, err);
		if (found == 0 && place->fallback) {
			buf_text(to, place->fallback);
			found = 1;
		}
	}
	free(own);
	free(lower);
	return found;
}

int template_render(struct store *store, const struct server *server, const char *name,
		    const struct buf *text, struct buf *to, struct err *err)
{
	const char *at = text->at, *end = text->at + text->len;
	long line = 1;

	while (at < end) {
		struct place place;
		int found;

		if (strncmp(at, "{{", 2) != 0 || !read_place(at, &place)) {
			line += *at == '\n';
			buf_char(to, *at++);
			continue;
		}
		found = fill(store, server, &place, to, err);
		if (found == 0)
			err_set(err, STATUS_FAILED, "%s:%ld: no value for %s", name, line,
				place.key);
		else if (found < 0)
			err_prefix(err, "%s:%ld", name, line);
		at = place.end;
		free(place.key);
		free(place.fallback);
		if (found <= 0)
			return -1;
	}
	return 0;
}
