#include <jansson.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/room/schedule_json.h"
#include "lib/room/store_edit.h"
#include "lib/room/store_import.h"
#include "lib/room/store_state.h"

#define BY "import"

static bool same_json(const char *a, const char *b)
{
	json_t *left = json_loads(a, JSON_DECODE_ANY, NULL);
	json_t *right = json_loads(b, JSON_DECODE_ANY, NULL);
	bool same = left && right && json_equal(left, right);

	json_decref(left);
	json_decref(right);
	return same;
}

static int import_state(struct import *import, const struct roster_server *entry, unsigned *fields,
			struct err *err)
{
	const char *id = entry->server.id;
	int result = 0;

	for (size_t i = 0; i + 1 < entry->state.count && !result; i += 2) {
		const char *key = entry->state.at[i];
		const char *value = entry->state.at[i + 1];
		struct buf now = BUF_INIT;
		int found = store_state_get(import->store, id, key, &now, err);

		if (found < 0) {
			result = -1;
		} else if (!found || !same_json(now.at, value)) {
			*fields |= IMPORT_STATE;
			result = store_state_set(import->store, id, key, value, BY, err);
		}
		buf_finish(&now);
	}
	return result;
}

/* A period that was not told stays. */
static int import_schedule(struct import *import, const struct roster_server *entry,
			   unsigned *fields, struct err *err)
{
	const struct list *list = &entry->schedule;
	int result = 0;

	for (size_t i = 0; i + 1 < list->count && !result; i += 2) {
		struct schedule_row row = {entry->server.id, list->at[i], 0, 0}, now = row;
		int found = store_schedule_get(import->store, &now, err);

		if (found < 0 || schedule_from_json(list->at[i + 1], &row, err))
			return -1;
		if (row.every == SCHEDULE_AS_BEFORE)
			row.every = found ? now.every : 0;
		if (!found || now.due_at / 1000 != row.due_at / 1000 || now.every != row.every) {
			*fields |= IMPORT_SCHEDULE;
			result = store_schedule_set(import->store, &row, err);
		}
	}
	return result;
}

int import_more(struct import *import, const struct roster_server *entry, int64_t row,
		unsigned *fields, struct err *err)
{
	const unsigned more =
	    entry->says & (IMPORT_TAGS | IMPORT_RETIREMENT | IMPORT_DESCRIPTION | IMPORT_JUMP);
	unsigned changed = 0;

	if (more && store_server_set(import->store, row, &entry->server, more, &changed, err))
		return -1;
	*fields |= changed;
	return import_state(import, entry, fields, err) ||
		       import_schedule(import, entry, fields, err)
		   ? -1
		   : 0;
}
