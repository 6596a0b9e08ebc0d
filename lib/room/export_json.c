/* JSON lines with all there is of a server: fields, state, schedule, and its password when wanted.
 */
#include <jansson.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/room/export.h"
#include "lib/room/schedule_json.h"
#include "lib/room/store_state.h"

static json_t *text(const char *value)
{
	return value ? json_string(value) : json_null();
}

static json_t *tags(const char *joined)
{
	struct list names = LIST_INIT;
	json_t *array = json_array();

	list_split(&names, joined ? joined : "", ',');
	for (size_t i = 0; i < names.count; i++)
		json_array_append_new(array, json_string(names.at[i]));
	list_finish(&names);
	return array;
}

static int add_state(void *ctx, const struct state_row *row, struct err *err)
{
	json_t *value = json_loads(row->json, JSON_DECODE_ANY, NULL);

	(void)err;
	if (value)
		json_object_set_new(ctx, row->key, value);
	return 0;
}

/* What is due when, for all servers: id -> object. */
static int add_due(void *ctx, const struct schedule_row *row, struct err *err)
{
	json_t *all = ctx;
	json_t *own = json_object_get(all, row->id);

	(void)err;
	if (!own) {
		own = json_object();
		json_object_set_new(all, row->id, own);
	}
	json_object_set_new(own, row->key, schedule_to_json(row));
	return 0;
}

static json_t *fields(const struct server *server)
{
	json_t *object = json_object();

	json_object_set_new(object, "id", text(server->id));
	json_object_set_new(object, "host", text(server->host));
	json_object_set_new(object, "port",
			    server->port ? json_integer(server->port) : json_null());
	json_object_set_new(object, "user", text(server->user));
	json_object_set_new(object, "key", text(server->key));
	json_object_set_new(object, "room", text(server->room));
	json_object_set_new(object, "tunnel", text(server->tunnel));
	if (server->jump)
		json_object_set_new(object, "jump", text(server->jump));
	json_object_set_new(object, "tags", tags(server->tags));
	json_object_set_new(object, "retired", json_boolean(server->retired));
	json_object_set_new(object, "description", text(server->description));
	return object;
}

static int write_server(struct export *export, const struct server *server, json_t *due,
			struct buf *into, struct err *err)
{
	json_t *object = fields(server);
	json_t *state = json_object();
	struct buf password = BUF_INIT;
	int found = -1;
	char *line = NULL;

	if (store_state_each(export->console->store, server->id, NULL, add_state, state, err))
		goto out;
	if (json_object_size(state))
		json_object_set(object, "state", state);
	if (json_object_get(due, server->id))
		json_object_set(object, "schedule", json_object_get(due, server->id));
	found = export_password(export, server->id, &password, err);
	if (found == 1)
		json_object_set_new(object, "password", json_stringn(password.at, password.len));
	line = found < 0 ? NULL : json_dumps(object, JSON_COMPACT);
	if (line) {
		buf_text(into, line);
		buf_char(into, '\n');
	}
out:
	mem_wipe_free(line);
	buf_wipe(&password);
	json_decref(state);
	json_decref(object);
	return found < 0 ? -1 : 0;
}

int export_json(struct export *export, struct buf *into, struct err *err)
{
	json_t *due = json_object();
	int result = store_schedule_each(export->console->store, NULL, add_due, due, err);

	for (size_t i = 0; i < export->count && !result; i++)
		result = write_server(export, &export->servers[i], due, into, err);
	json_decref(due);
	return result;
}
