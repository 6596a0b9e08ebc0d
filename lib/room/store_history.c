#include "lib/room/store_history.h"

#include "lib/room/store_db.h"

#define ROWS "SELECT server, key, old, value, changed_at, changed_by, user FROM history WHERE "

int store_history_each(struct store *store, const char *id, const char *key, int64_t since,
		       history_fn *fn, void *ctx, struct err *err)
{
	static const char of_server[] = ROWS "server = ?1 AND (?2 IS NULL OR key = ?2) "
					     "AND changed_at >= ?3 ORDER BY row";
	static const char all[] = ROWS "?1 IS NULL AND (?2 IS NULL OR key = ?2) "
				       "AND changed_at >= ?3 ORDER BY row";
	sqlite3_stmt *statement = store_prepare(store, id ? of_server : all, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "tti", id, key, since);
	while ((result = store_step(store, statement, err)) == 1) {
		const struct history_row row = {
		    store_column(statement, 0),		store_column(statement, 1),
		    store_column(statement, 2),		store_column(statement, 3),
		    sqlite3_column_int64(statement, 4), store_column(statement, 5),
		    store_column(statement, 6)};

		if (fn(ctx, &row, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	return result;
}

int store_history_prune(struct store *store, int64_t before, int64_t *count, struct err *err)
{
	if (store_exec(store, err,
		       "DELETE FROM history WHERE changed_at < ?1 AND EXISTS "
		       "(SELECT 1 FROM history later WHERE later.server = history.server "
		       "AND later.key = history.key AND later.row > history.row)",
		       "i", before))
		return -1;
	*count = sqlite3_changes(store->db);
	return 0;
}
