#include "cmd/inventory/columns.h"

#include <jansson.h>

#include "cmd/inventory/inventory.h"
#include "lib/base/mem.h"
#include "lib/room/store_state.h"

#define STATE "state:"

/* What a derived column is made of: one state, or the first of two that is there. */
enum derived { CERT, DOCKER, DAED, YACHT, PY, HOME, DERIVED };

static const struct {
	const char *name;
	enum out_type type;
	const char *key, *other;
} derived[DERIVED] = {
    [CERT] = {"cert", OUT_TEXT, "identity_cert_installed", "local_cert_path"},
    [DOCKER] = {"docker", OUT_BOOL, "docker_compose_installed", "docker_installed"},
    [DAED] = {"daed", OUT_BOOL, "daed_installed", NULL},
    [YACHT] = {"yacht", OUT_BOOL, "yacht_installed", NULL},
    [PY] = {"py", OUT_BOOL, "python3_installed", NULL},
    [HOME] = {"home", OUT_TEXT, "home_path", NULL},
};

#define EXPIRED ROW_COLUMNS /* retired, as the first MachineRoom called it */
#define FIRST_DERIVED (EXPIRED + 1)
#define FIRST_STATE (FIRST_DERIVED + DERIVED)

size_t columns_find(const struct columns *columns, const char *name)
{
	size_t i = 0;

	while (i < columns->count && strcmp(columns->at[i].name, name) != 0)
		i++;
	return i;
}

int columns_refuse(const struct columns *columns, const char *name, struct err *err)
{
	const char **names = mem_zero(columns->count, sizeof(*names));
	const char *near;

	for (size_t i = 0; i < columns->count; i++)
		names[i] = columns->at[i].name;
	near = list_nearest(name, names, columns->count);
	free(names);
	if (near)
		return err_set(err, STATUS_USAGE, "no column '%s' (did you mean %s?)", name, near);
	return err_set(err, STATUS_USAGE, "no column '%s' (states are state:KEY)", name);
}

static void add_state(struct columns *columns, const char *name)
{
	if (columns_find(columns, name) < columns->count)
		return;
	columns->at = mem_resize(columns->at, columns->count + 1, sizeof(*columns->at));
	columns->names =
	    mem_resize(columns->names, columns->count + 1 - FIRST_STATE, sizeof(*columns->names));
	columns->names[columns->count - FIRST_STATE] = mem_text(name);
	columns->at[columns->count] = (struct out_column){
	    .name = columns->names[columns->count - FIRST_STATE], .type = OUT_RAW, .hidden = true};
	columns->count++;
}

/* The states that a list of columns, or the key of a condition, names. */
static void add_states(struct columns *columns, const char *list)
{
	struct list words = LIST_INIT;

	list_split(&words, list, ',');
	for (size_t i = 0; i < words.count; i++) {
		char *word = words.at[i];

		word += *word == '-';
		word[strcspn(word, "!=<>?")] = '\0';
		if (!strncmp(word, STATE, strlen(STATE)) && word[strlen(STATE)])
			add_state(columns, word);
	}
	list_finish(&words);
}

void columns_init(struct columns *columns, const char *const *lists)
{
	*columns = (struct columns){.count = FIRST_STATE};
	columns->at = mem_zero(FIRST_STATE, sizeof(*columns->at));
	memcpy(columns->at, row_columns, ROW_COLUMNS * sizeof(*columns->at));
	columns->at[EXPIRED] =
	    (struct out_column){.name = "expired", .type = OUT_BOOL, .hidden = true};
	for (size_t i = 0; i < DERIVED; i++)
		columns->at[FIRST_DERIVED + i] = (struct out_column){
		    .name = derived[i].name, .type = derived[i].type, .hidden = true};
	for (; *lists; lists++)
		add_states(columns, *lists);
	columns->json = mem_zero(columns->count, sizeof(*columns->json));
	columns->known = mem_zero((size_t)2 * DERIVED, sizeof(*columns->known));
}

static void release_map(struct map *map)
{
	size_t at = 0;
	void *value;

	while (map && map_next(map, &at, NULL, &value))
		free(value);
	map_destroy(map);
}

void columns_finish(struct columns *columns)
{
	for (size_t i = 0; columns->json && i < columns->count; i++)
		release_map(columns->json[i]);
	for (size_t i = 0; columns->known && i < (size_t)2 * DERIVED; i++)
		release_map(columns->known[i]);
	for (size_t i = FIRST_STATE; i < columns->count; i++)
		free(columns->names[i - FIRST_STATE]);
	free(columns->json);
	free(columns->known);
	free(columns->names);
	free(columns->at);
}

/* --- reading --- */

static int keep_value(void *ctx, const struct state_row *row, struct err *err)
{
	(void)err;
	free(map_set(ctx, row->id, mem_text(row->json)));
	return 0;
}

static int read_key(struct map **into, struct store *store, const char *key, struct err *err)
{
	*into = map_create();
	return store_state_each(store, NULL, key, keep_value, *into, err);
}

int columns_read(struct columns *columns, struct store *store, const bool *wanted, struct err *err)
{
	for (size_t i = 0; i < DERIVED; i++) {
		if (!wanted[FIRST_DERIVED + i])
			continue;
		if (read_key(&columns->known[2 * i], store, derived[i].key, err) ||
		    (derived[i].other &&
		     read_key(&columns->known[2 * i + 1], store, derived[i].other, err)))
			return -1;
	}
	for (size_t i = FIRST_STATE; i < columns->count; i++)
		if (wanted[i] &&
		    read_key(&columns->json[i], store, columns->at[i].name + strlen(STATE), err))
			return -1;
	return 0;
}

const char *columns_json(const struct columns *columns, size_t column, const char *id)
{
	return columns->json[column] ? map_get(columns->json[column], id) : NULL;
}

/* --- values --- */

/* A text without its quotes; other JSON as it is. NULL gives NULL. */
static char *plain(const char *json)
{
	json_t *value = json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;
	char *text = json_is_string(value) ? mem_text(json_string_value(value))
		     : json_is_null(value) ? NULL
					   : mem_text(json);

	json_decref(value);
	return text;
}

static bool is_set(const char *json)
{
	return json && strcmp(json, "false") != 0 && strcmp(json, "null") != 0 &&
	       strcmp(json, "\"\"") != 0;
}

static char *derive(const struct columns *columns, size_t which, const char *id)
{
	const struct map *first = columns->known[2 * which];
	const struct map *second = columns->known[2 * which + 1];
	const char *json = first ? map_get(first, id) : NULL;
	const char *other = second ? map_get(second, id) : NULL;

	if (!first)
		return NULL;
	if (which == HOME)
		return plain(json);
	if (which == CERT)
		return !is_set(json) ? NULL : is_set(other) ? plain(other) : mem_text("default");
	return mem_text(is_set(json) || is_set(other) ? "1" : "0");
}

void columns_fill(const struct columns *columns, const struct server *server, bool json,
		  const bool *wanted, char **values)
{
	struct row row;

	row_fill(&row, server);
	for (size_t i = 0; i < columns->count; i++) {
		if (!wanted[i])
			values[i] = NULL;
		else if (i < ROW_COLUMNS)
			values[i] = mem_text(row.values[i]);
		else if (i == EXPIRED)
			values[i] = mem_text(server->retired ? "1" : "0");
		else if (i < FIRST_STATE)
			values[i] = derive(columns, i - FIRST_DERIVED, server->id);
		else if (json)
			values[i] = mem_text(columns_json(columns, i, server->id));
		else
			values[i] = plain(columns_json(columns, i, server->id));
	}
}

void columns_release(const struct columns *columns, char **values)
{
	for (size_t i = 0; i < columns->count; i++) {
		free(values[i]);
		values[i] = NULL;
	}
}
