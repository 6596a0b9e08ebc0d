#include "lib/room/store_output.h"

#include "lib/room/store_db.h"

int store_output_add(struct store *store, int64_t run, const char *server, const char *stream,
		     const struct captured *captured, struct err *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO output "
				  "(run, server, stream, hash, size, kept, data) "
				  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "ittbiib", run, server, stream, captured->hash, (size_t)CAPTURE_HASH,
		   captured->size, captured->kept, captured->data->at, captured->data->len);
	if (!captured->data->len)
		sqlite3_bind_null(statement, 7);
	result = store_step(store, statement, err);
	store_reset(statement);
	return result;
}

static int hand_row(sqlite3_stmt *statement, bool with_text, output_fn *fn, void *ctx,
		    struct err *err)
{
	struct buf text = BUF_INIT;
	struct output_row row = {
	    store_column(statement, 0),		store_column(statement, 1),
	    sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3),
	    sqlite3_column_blob(statement, 4),	with_text ? &text : NULL};
	int result = 0;

	if (sqlite3_column_bytes(statement, 4) != CAPTURE_HASH)
		result = err_set(err, STATUS_CONSOLE, "stored output is damaged");
	else if (with_text && row.kept > 0)
		result =
		    capture_open(sqlite3_column_blob(statement, 5),
				 (size_t)sqlite3_column_bytes(statement, 5), row.kept, &text, err);
	if (!result)
		result = fn(ctx, &row, err);
	buf_finish(&text);
	return result;
}

int store_output_each(struct store *store, int64_t run, const char *server, bool with_text,
		      output_fn *fn, void *ctx, struct err *err)
{
	static const char sql[] =
	    "SELECT server, stream, size, kept, hash, data FROM output "
	    "WHERE run = ?1 AND (?2 IS NULL OR server = ?2) ORDER BY server, stream DESC";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "it", run, server);
	while ((result = store_step(store, statement, err)) == 1) {
		if (hand_row(statement, with_text, fn, ctx, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	return result;
}
