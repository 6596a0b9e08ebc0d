#include "lib/base/mem.h"
#include "lib/room/store_edit.h"
#include "lib/room/store_import.h"

struct gone {
	int64_t row;
	char *id;
	bool retired;
};

/* Those of the room that the roster lacks, in their order. The caller frees, each id too. */
static int find_gone(struct import *import, struct gone **list, size_t *count, struct err *err)
{
	static const char sql[] = "SELECT row, id, retired FROM server WHERE room = ?1 "
				  "ORDER BY position";
	sqlite3_stmt *row = store_prepare(import->store, sql, err);
	size_t cap = 0;
	int result;

	if (!row)
		return -1;
	store_bind(row, "i", import->room);
	while ((result = store_step(import->store, row, err)) == 1) {
		const char *id = store_column(row, 1);

		if (map_get(import->ids, id))
			continue;
		if (*count == cap) {
			cap = cap ? cap * 2 : 16;
			*list = mem_resize(*list, cap, sizeof(**list));
		}
		(*list)[(*count)++] = (struct gone){sqlite3_column_int64(row, 0), mem_text(id),
						    sqlite3_column_int(row, 2) != 0};
	}
	store_reset(row);
	return result;
}

static int remove_server(struct import *import, const struct gone *gone, struct err *err)
{
	/* state and tags go along: ON DELETE CASCADE */
	if (store_exec(import->store, err, "DELETE FROM server WHERE row = ?1", "i", gone->row) ||
	    store_secret_remove(import->store, SECRET_SERVER_PASSWORD, gone->id, err))
		return -1;
	import_note(import->report, gone->id, IMPORT_REMOVED, 0, NULL);
	return 0;
}

/* Keeps it at this position, behind those of the roster. */
static int keep_server(struct import *import, const struct gone *gone, int64_t position,
		       struct err *err)
{
	bool retire = import->args->gone == IMPORT_RETIRE && !gone->retired;

	if (store_exec(import->store, err,
		       "UPDATE server SET position = ?2, retired = ?3 WHERE row = ?1 AND "
		       "(position, retired) <> (?2, ?3)",
		       "iii", gone->row, position, (int64_t)(gone->retired || retire)))
		return -1;
	/* Who is retired is expected to be gone from the file: that is no news. */
	if (!gone->retired)
		import_note(import->report, gone->id, retire ? IMPORT_RETIRED : IMPORT_GONE, 0,
			    NULL);
	return 0;
}

int import_gone(struct import *import, struct err *err)
{
	int64_t position = import->position;
	struct gone *list = NULL;
	size_t count = 0;
	int result = find_gone(import, &list, &count, err);

	for (size_t i = 0; i < count; i++) {
		if (!result && import->args->gone == IMPORT_PRUNE)
			result = remove_server(import, &list[i], err);
		else if (!result)
			result = keep_server(import, &list[i], position++, err);
		free(list[i].id);
	}
	free(list);
	return result;
}

int import_close_ranks(struct import *import, struct err *err)
{
	size_t at = 0;
	void *row;

	while (map_next(import->left_rooms, &at, NULL, &row))
		if (store_room_close_ranks(import->store, (intptr_t)row, err))
			return -1;
	return 0;
}
