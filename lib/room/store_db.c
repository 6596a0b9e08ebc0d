#include "lib/room/store_db.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"

/* What somebody can do about it. */
static const char *store_advice(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return "nothing was changed; free some space and try again";
	case SQLITE_NOTADB:
		return "move the file away, or restore a backup over it";
	case SQLITE_CORRUPT:
		return "restore a backup, or try: sqlite3 mroom.db .recover";
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return "check owner, mode and mount of the file and of its directory";
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "another process holds the database; find it with: fuser mroom.db";
	case SQLITE_IOERR:
		return "check the disk";
	default:
		return "this should not happen";
	}
}

/* Why the file cannot be used, which SQLite does not say: no right, a read-only or full disk. The
 * words of the system, or NULL. */
static const char *store_obstacle(const char *path)
{
	char *dir = mem_text_n(path, (size_t)(strrchr(path, '/') - path) + 1);
	const char *words = NULL;
	struct statvfs disk;

	if (io_is_dir(path))
		words = strerror(EISDIR);
	else if (access(path, R_OK | W_OK) || access(dir, W_OK | X_OK))
		words = strerror(errno);
	else if (!statvfs(path, &disk) && !disk.f_bavail)
		words = strerror(ENOSPC);
	free(dir);
	return words;
}

int store_fail(struct store *store, struct err *err)
{
	int code = sqlite3_extended_errcode(store->db);
	int kind = code & 0xff;
	const char *why = NULL;

	if (kind == SQLITE_CANTOPEN || kind == SQLITE_READONLY || kind == SQLITE_IOERR)
		why = store_obstacle(store->path);
	return err_set(err, STATUS_CONSOLE, "%s: %s%s%s (%s)", store->path,
		       sqlite3_errmsg(store->db), why ? ": " : "", why ? why : "",
		       store_advice(code));
}

sqlite3_stmt *store_prepare(struct store *store, const char *sql, struct err *err)
{
	sqlite3_stmt *made = NULL;

	for (size_t i = 0; i < store->statement_count; i++)
		if (store->statements[i].sql == sql && !sqlite3_stmt_busy(store->statements[i].at))
			return store->statements[i].at;
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, NULL) !=
	    SQLITE_OK) {
		store_fail(store, err);
		return NULL;
	}
	store->statements =
	    mem_resize(store->statements, store->statement_count + 1, sizeof(*store->statements));
	store->statements[store->statement_count++] = (struct store_statement){sql, made};
	return made;
}

static void store_vbind(sqlite3_stmt *statement, const char *types, va_list args)
{
	for (int at = 1; *types; types++, at++) {
		const void *bytes;

		switch (*types) {
		case 't':
			sqlite3_bind_text(statement, at, va_arg(args, const char *), -1,
					  SQLITE_STATIC);
			break;
		case 'i':
			sqlite3_bind_int64(statement, at, va_arg(args, int64_t));
			break;
		case 'b':
			bytes = va_arg(args, const void *);
			sqlite3_bind_blob64(statement, at, bytes, va_arg(args, size_t),
					    SQLITE_STATIC);
			break;
		default:
			abort(); /* a mistake in the caller */
		}
	}
}

void store_bind(sqlite3_stmt *statement, const char *types, ...)
{
	va_list args;

	va_start(args, types);
	store_vbind(statement, types, args);
	va_end(args);
}

int store_step(struct store *store, sqlite3_stmt *statement, struct err *err)
{
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return store_fail(store, err);
	}
}

void store_reset(sqlite3_stmt *statement)
{
	if (!statement)
		return;
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

char *store_column(sqlite3_stmt *statement, int column)
{
	return (char *)(uintptr_t)sqlite3_column_text(statement, column);
}

int store_exec(struct store *store, struct err *err, const char *sql, const char *types, ...)
{
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	va_list args;
	int result;

	if (!statement)
		return -1;
	va_start(args, types);
	store_vbind(statement, types, args);
	va_end(args);
	result = store_step(store, statement, err);
	store_reset(statement);
	return result < 0 ? -1 : 0;
}

int store_number(struct store *store, int64_t *value, struct err *err, const char *sql,
		 const char *types, ...)
{
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	va_list args;
	int result;

	if (!statement)
		return -1;
	va_start(args, types);
	store_vbind(statement, types, args);
	va_end(args);
	result = store_step(store, statement, err);
	if (result == 1)
		*value = sqlite3_column_int64(statement, 0);
	store_reset(statement);
	return result;
}

int store_text(struct store *store, char **text, struct err *err, const char *sql,
	       const char *types, ...)
{
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	va_list args;
	int result;

	*text = NULL;
	if (!statement)
		return -1;
	va_start(args, types);
	store_vbind(statement, types, args);
	va_end(args);
	result = store_step(store, statement, err);
	if (result == 1) {
		*text = mem_text(store_column(statement, 0));
		result = *text != NULL;
	}
	store_reset(statement);
	return result;
}

int store_texts(struct store *store, const char *sql, struct list *into, struct err *err)
{
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	while ((result = store_step(store, statement, err)) == 1)
		list_add(into, store_column(statement, 0));
	store_reset(statement);
	return result;
}
