#include "cmd/cert/rotation.h"

#include <jansson.h>

#include "lib/base/mem.h"
#include "lib/room/store_state.h"

#define KEY "cert_rotation"

void rotations_add(struct rotations *all, const char *id, const char *new_key, const char *old_key,
		   const char *step)
{
	all->at = mem_resize(all->at, all->count + 1, sizeof(*all->at));
	all->at[all->count++] =
	    (struct rotation){mem_text(id), mem_text(new_key), mem_text(old_key), step};
}

void rotations_finish(struct rotations *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free(all->at[i].id);
		free(all->at[i].new_key);
		free(all->at[i].old_key);
	}
	free(all->at);
}

const struct rotation *rotations_find(const struct rotations *all, const char *id)
{
	for (size_t i = 0; i < all->count; i++) {
		if (!strcmp(all->at[i].id, id))
			return &all->at[i];
	}
	return NULL;
}

static const char *known_step(const char *step)
{
	static const char *const steps[] = {"begun", "installed", "proven", "switched"};

	for (size_t i = 0; step && i < sizeof(steps) / sizeof(*steps); i++) {
		if (!strcmp(step, steps[i]))
			return steps[i];
	}
	return "begun";
}

static int load_row(void *ctx, const struct state_row *row, struct err *err)
{
	json_t *value = json_loads(row->json, 0, NULL);
	const char *new_key = json_string_value(json_object_get(value, "new"));
	const char *old_key = json_string_value(json_object_get(value, "old"));
	int rc = 0;

	if (new_key && old_key)
		rotations_add(ctx, row->id, new_key, old_key,
			      known_step(json_string_value(json_object_get(value, "step"))));
	else
		rc = err_set(err, STATUS_USAGE, "%s: state " KEY " is not what a rotation left",
			     row->id);
	json_decref(value);
	return rc;
}

int rotations_load(struct rotations *all, struct console *console, struct err *err)
{
	return store_state_each(console->store, NULL, KEY, load_row, all, err);
}

int rotation_note(struct console *console, const struct rotation *rotation, const char *step,
		  struct err *err)
{
	json_t *value;
	char *json;
	int rc;

	if (!strcmp(step, "done"))
		return store_state_set(console->store, rotation->id, KEY, NULL, "cert", err);
	value = json_pack("{s:s, s:s, s:s}", "step", step, "new", rotation->new_key, "old",
			  rotation->old_key);
	json = json_dumps(value, JSON_COMPACT);
	rc = store_state_set(console->store, rotation->id, KEY, json, "cert", err);
	free(json);
	json_decref(value);
	return rc;
}
