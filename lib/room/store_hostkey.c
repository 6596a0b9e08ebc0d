#include "lib/room/store_hostkey.h"

#include "lib/room/store_db.h"

int store_hostkey_set(struct store *store, const struct hostkey_row *row, struct err *err)
{
	return store_exec(
	    store, err,
	    "INSERT INTO hostkey (host, port, server, state, key, fingerprint, old, file, line, "
	    "seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
	    "ON CONFLICT (host, port) DO UPDATE SET server = excluded.server, "
	    "state = excluded.state, key = excluded.key, fingerprint = excluded.fingerprint, "
	    "old = excluded.old, file = excluded.file, line = excluded.line, "
	    "seen_at = excluded.seen_at",
	    "tittbtttii", row->host, (int64_t)row->port, row->server, row->state, row->blob,
	    row->size, row->fingerprint, row->old, row->file, (int64_t)row->line, row->seen_ms);
}

int store_hostkey_remove(struct store *store, const char *host, long port, struct err *err)
{
	return store_exec(store, err, "DELETE FROM hostkey WHERE host = ?1 AND port = ?2", "ti",
			  host, (int64_t)port);
}

int store_hostkey_each(struct store *store, hostkey_row_fn *fn, void *ctx, struct err *err)
{
	static const char sql[] = "SELECT server, host, port, state, key, fingerprint, old, file, "
				  "line, seen_at FROM hostkey ORDER BY server, host, port";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	while ((result = store_step(store, statement, err)) == 1) {
		const struct hostkey_row row = {
		    .server = store_column(statement, 0),
		    .host = store_column(statement, 1),
		    .port = (long)sqlite3_column_int64(statement, 2),
		    .state = store_column(statement, 3),
		    .blob = sqlite3_column_blob(statement, 4),
		    .size = (size_t)sqlite3_column_bytes(statement, 4),
		    .fingerprint = store_column(statement, 5),
		    .old = store_column(statement, 6),
		    .file = store_column(statement, 7),
		    .line = (long)sqlite3_column_int64(statement, 8),
		    .seen_ms = sqlite3_column_int64(statement, 9),
		};

		if (fn(ctx, &row, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	return result;
}
