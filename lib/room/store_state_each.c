#include "lib/base/mem.h"
#include "lib/room/store_db.h"
#include "lib/room/store_state.h"

#define ROWS "SELECT v.id, s.key, s.value, s.changed_at, s.changed_by FROM "

/* One text for each way to ask, so that each has its index. All bind the id and the key. */
static const char *each_sql(bool id, bool key)
{
	static const char one[] = ROWS "server v JOIN state s ON s.server = v.row "
				       "WHERE v.id = ?1 AND s.key = ?2";
	static const char of_server[] = ROWS "server v JOIN state s ON s.server = v.row "
					     "WHERE v.id = ?1 AND ?2 IS NULL ORDER BY s.key";
	static const char of_key[] = ROWS "server v CROSS JOIN state s ON s.server = v.row "
					  "WHERE ?1 IS NULL AND s.key = ?2 ORDER BY v.id";
	static const char all[] = ROWS "server v CROSS JOIN state s ON s.server = v.row "
				       "WHERE ?1 IS NULL AND ?2 IS NULL ORDER BY v.id, s.key";

	return id ? (key ? one : of_server) : key ? of_key : all;
}

int store_state_each(struct store *store, const char *id, const char *key, state_fn *fn, void *ctx,
		     struct err *err)
{
	sqlite3_stmt *statement = store_prepare(store, each_sql(id != NULL, key != NULL), err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "tt", id, key);
	while ((result = store_step(store, statement, err)) == 1) {
		const struct state_row row = {
		    store_column(statement, 0), store_column(statement, 1),
		    store_column(statement, 2), sqlite3_column_int64(statement, 3),
		    store_column(statement, 4)};

		if (fn(ctx, &row, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	return result;
}

int store_state_keys(struct store *store, struct list *into, struct err *err)
{
	return store_texts(store, "SELECT DISTINCT key FROM state ORDER BY key", into, err);
}

int store_state_key_exists(struct store *store, const char *key, struct err *err)
{
	int64_t one;

	return store_number(store, &one, err, "SELECT 1 FROM state WHERE key = ?1 LIMIT 1", "t",
			    key);
}
