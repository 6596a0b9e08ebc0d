#include "lib/room/store_sql.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/store_db.h"

/* Reading, and nothing else. */
static int judge(void *ctx, int action, const char *table, const char *column, const char *database,
		 const char *view)
{
	(void)ctx;
	(void)database;
	(void)view;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		return !strcmp(table, "secret") && !strcmp(column, "sealed") ? SQLITE_IGNORE
									     : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

static sqlite3_stmt *sql_prepare(struct store *store, const char *sql, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	const char *rest = "";
	int code;

	sqlite3_set_authorizer(store->db, judge, NULL);
	code = sqlite3_prepare_v2(store->db, sql, -1, &statement, &rest);
	sqlite3_set_authorizer(store->db, NULL, NULL);
	if (code == SQLITE_AUTH) {
		err_set(err, STATUS_USAGE, "only reading is allowed (SELECT): %s",
			sqlite3_errmsg(store->db));
		return NULL;
	}
	if (code == SQLITE_ERROR) {
		err_set(err, STATUS_USAGE, "%s", sqlite3_errmsg(store->db));
		return NULL;
	}
	if (code != SQLITE_OK) {
		store_fail(store, err);
		return NULL;
	}
	if (!statement || rest[strspn(rest, " \t\r\n;")] || !sqlite3_stmt_readonly(statement)) {
		err_set(err, STATUS_USAGE,
			statement && !sqlite3_stmt_readonly(statement)
			    ? "only reading is allowed (SELECT)"
			    : "expected one statement (SELECT)");
		sqlite3_finalize(statement);
		return NULL;
	}
	return statement;
}

/* Bytes in hex: x'00ff' without the wrapping. */
static char *hex(const unsigned char *bytes, size_t count)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < count; i++)
		buf_format(&text, "%02x", bytes[i]);
	return buf_detach(&text);
}

static int hand_row(sqlite3_stmt *statement, const struct sql_reader *reader, void *ctx,
		    struct sql_cell *cells, char **hexes, int count, struct err *err)
{
	int result;

	for (int i = 0; i < count; i++) {
		int type = sqlite3_column_type(statement, i);

		cells[i].type = type == SQLITE_INTEGER ? SQL_INT
				: type == SQLITE_FLOAT ? SQL_REAL
						       : SQL_TEXT;
		if (type == SQLITE_BLOB)
			hexes[i] = hex(sqlite3_column_blob(statement, i),
				       (size_t)sqlite3_column_bytes(statement, i));
		cells[i].text = type == SQLITE_BLOB ? hexes[i] : store_column(statement, i);
	}
	result = reader->row(ctx, cells, (size_t)count, err);
	for (int i = 0; i < count; i++) {
		free(hexes[i]);
		hexes[i] = NULL;
	}
	return result;
}

static int hand_names(sqlite3_stmt *statement, const struct sql_reader *reader, void *ctx,
		      int count, struct err *err)
{
	const char **names = mem_zero((size_t)count + 1, sizeof(*names));
	int result;

	for (int i = 0; i < count; i++)
		names[i] = sqlite3_column_name(statement, i);
	result = reader->names(ctx, names, (size_t)count, err);
	free(names);
	return result;
}

int store_sql(struct store *store, const char *sql, const struct sql_reader *reader, void *ctx,
	      struct err *err)
{
	sqlite3_stmt *statement = sql_prepare(store, sql, err);
	int count = statement ? sqlite3_column_count(statement) : 0;
	struct sql_cell *cells = mem_zero((size_t)count + 1, sizeof(*cells));
	char **hexes = mem_zero((size_t)count + 1, sizeof(*hexes));
	int result = -1;

	if (!statement || hand_names(statement, reader, ctx, count, err))
		goto out;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW)
		if (hand_row(statement, reader, ctx, cells, hexes, count, err))
			break;
	if (result == SQLITE_DONE)
		result = 0;
	else if (result == SQLITE_ERROR)
		result = err_set(err, STATUS_USAGE, "%s", sqlite3_errmsg(store->db));
	else
		result = result == SQLITE_ROW ? -1 : store_fail(store, err);
out:
	sqlite3_finalize(statement);
	free(cells);
	free(hexes);
	return result;
}
