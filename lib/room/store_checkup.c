#include "lib/room/store_checkup.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/room/store_db.h"
#include "lib/room/store_state.h"

int store_checkup_get(struct store *store, const char *id, struct checkup *checkup, struct err *err)
{
	static const char sql[] = "SELECT c.found FROM server v JOIN checkup c ON c.server = v.row "
				  "WHERE v.id = ?1";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "t", id);
	result = store_step(store, statement, err);
	if (result == 1 && checkup_read(checkup, store_column(statement, 0), err))
		result = err_prefix(err, "%s", id);
	store_reset(statement);
	return result;
}

/* Only what is wrong, without figures. Caller frees. */
static char *problems(const struct checkup *checkup)
{
	json_t *wrong = json_object(), *whole;
	char *text;

	for (size_t i = 0; i < checkup->count; i++)
		if (checkup->at[i].status != HEALTH_OK)
			json_object_set_new(wrong, checkup->at[i].name,
					    json_string(health_word(checkup->at[i].status)));
	whole = json_pack("{s:s, s:o}", "status", health_word(checkup->status), "problems", wrong);
	text = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(whole);
	return text;
}

int store_checkup_set(struct store *store, const char *id, const struct checkup *checkup,
		      struct err *err)
{
	struct buf found = BUF_INIT;
	char *wrong = problems(checkup);
	int result = -1;

	checkup_write(checkup, &found);
	if (store_exec(
		store, err,
		"INSERT INTO checkup (server, at, found) "
		"SELECT row, ?2, ?3 FROM server WHERE id = ?1 "
		"ON CONFLICT (server) DO UPDATE SET at = excluded.at, found = excluded.found",
		"tit", id, checkup->at_ms, found.at))
		goto out;
	result = store_state_set(store, id, CHECKUP_KEY, wrong, "health", err);
out:
	free(wrong);
	buf_finish(&found);
	return result;
}
