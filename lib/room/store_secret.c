#include "lib/base/num.h"
#include "lib/room/store_db.h"

int store_secret_get(struct store *store, const char *kind, const char *name, struct buf *sealed,
		     struct err *err)
{
	static const char sql[] = "SELECT sealed FROM secret WHERE kind = ?1 AND name = ?2";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	const void *bytes;
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "tt", kind, name);
	result = store_step(store, statement, err);
	if (result == 1) {
		bytes = sqlite3_column_blob(statement, 0);
		buf_add(sealed, bytes, (size_t)sqlite3_column_bytes(statement, 0));
	}
	store_reset(statement);
	return result;
}

int store_secret_set(struct store *store, const char *kind, const char *name, const void *sealed,
		     size_t size, struct err *err)
{
	return store_exec(
	    store, err,
	    "INSERT INTO secret (kind, name, sealed, changed_at) VALUES (?1, ?2, ?3, ?4) "
	    "ON CONFLICT (kind, name) DO UPDATE SET sealed = excluded.sealed, "
	    "changed_at = excluded.changed_at",
	    "ttbi", kind, name, sealed, size, clock_wall_ms());
}

int store_secret_remove(struct store *store, const char *kind, const char *name, struct err *err)
{
	return store_exec(store, err, "DELETE FROM secret WHERE kind = ?1 AND name = ?2", "tt",
			  kind, name);
}

int store_secret_each(struct store *store, secret_fn *fn, void *ctx, struct err *err)
{
	static const char sql[] =
	    "SELECT kind, name, sealed, changed_at FROM secret ORDER BY kind, name";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	while ((result = store_step(store, statement, err)) == 1) {
		const struct secret_row row = {
		    store_column(statement, 0), store_column(statement, 1),
		    sqlite3_column_blob(statement, 2), (size_t)sqlite3_column_bytes(statement, 2),
		    sqlite3_column_int64(statement, 3)};

		if (fn(ctx, &row, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	return result;
}
