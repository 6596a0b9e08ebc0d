#include "lib/room/store_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/store_db.h"

/* A copy goes in pieces of this many pages; another process that wants to write in between may. */
#define PIECE 2048
#define BUSY_MS 60000
#define PAUSE_MS 5

/* What went wrong with another database than the store's own. */
static int fail_at(const char *path, sqlite3 *db, int code, struct err *err)
{
	return err_set(err, STATUS_CONSOLE, "%s: %s", path,
		       db && sqlite3_errcode(db) != SQLITE_OK ? sqlite3_errmsg(db)
							      : sqlite3_errstr(code));
}

/* Copies all of `from` into `to`, waiting for others where it must. An SQLite code. */
static int copy_pages(sqlite3 *to, sqlite3 *from, int piece)
{
	sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
	int waited = 0;
	int code = SQLITE_OK;

	if (!copy)
		return sqlite3_errcode(to);
	while (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY || code == SQLITE_LOCKED) {
		code = sqlite3_backup_step(copy, piece);
		if (code != SQLITE_OK && code != SQLITE_DONE) {
			if (waited > BUSY_MS)
				break;
			waited += PAUSE_MS;
			sqlite3_sleep(PAUSE_MS);
		}
	}
	sqlite3_backup_finish(copy);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Writes the copy to an empty file, without the -wal beside it that the original has. */
static int write_copy(sqlite3 *from, const char *path, struct err *err)
{
	sqlite3 *to = NULL;
	int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	int result = -1;

	if (code == SQLITE_OK)
		code = copy_pages(to, from, PIECE);
	if (code == SQLITE_OK)
		code = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		result = 0;
	else
		fail_at(path, to, code, err);
	sqlite3_close(to);
	return result;
}

/* Whether both names are one file. */
static bool same_file(const char *a, const char *b)
{
	struct stat one, other;

	return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

/* On the disk, then under its name. */
static int put_in_place(const char *temporary, const char *path, struct err *err)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): it has a name */
	int fd = open(temporary, O_RDONLY | O_CLOEXEC);
	int result = 0;

	if (fd < 0 || fsync(fd) || rename(temporary, path))
		result = err_sys(err, STATUS_CONSOLE, errno, "%s", path);
	if (fd >= 0)
		close(fd);
	return result;
}

/* A file beside path to write into, mode 0600. */
static int make_beside(const char *path, char **temporary, struct err *err)
{
	struct stat st;
	int fd;

	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return err_set(err, STATUS_USAGE, "%s: not a file that can be replaced", path);
	*temporary = io_temporary_name(path);
	fd = mkstemp(*temporary);
	if (fd < 0)
		return err_sys(err, STATUS_CONSOLE, errno, "%s: cannot make a file beside it",
			       path);
	close(fd);
	return 0;
}

int store_copy(const char *database, const char *path, struct err *err)
{
	char *temporary = NULL;
	sqlite3 *from = NULL;
	int result = -1;
	int code;

	if (same_file(database, path))
		return err_set(err, STATUS_USAGE, "%s: this is the database itself", path);
	code = sqlite3_open_v2(database, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		fail_at(database, from, code, err);
		goto out;
	}
	sqlite3_busy_timeout(from, BUSY_MS);
	if (make_beside(path, &temporary, err))
		goto out;
	result = write_copy(from, temporary, err);
	if (!result)
		result = put_in_place(temporary, path, err);
	if (result)
		/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): it has a name */
		unlink(temporary);
out:
	sqlite3_close(from);
	free(temporary);
	return result;
}

int store_backup(struct store *store, const char *path, struct err *err)
{
	return store_copy(store->path, path, err);
}

/* --- back --- */

/* One text that a statement gives; NULL on error. */
static char *one_text(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	char *text = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		text = mem_text(store_column(statement, 0));
	sqlite3_finalize(statement);
	return text;
}

/* Is it whole, is it ours, do we know its version? */
static int check_copy(sqlite3 *copy, const char *path, long *version_number, struct err *err)
{
	char *whole = one_text(copy, "PRAGMA integrity_check(1)");
	char *version = one_text(copy, "PRAGMA user_version");
	char *ours = one_text(copy, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND "
				    "name IN ('server', 'state', 'run')");
	long number = version ? strtol(version, NULL, 10) : 0;
	int result = 0;

	if (!whole || !version || !ours)
		result = err_set(err, STATUS_CONSOLE, "%s: %s", path, sqlite3_errmsg(copy));
	else if (strcmp(whole, "ok") != 0)
		result = err_set(err, STATUS_CONSOLE, "%s: damaged: %s", path, whole);
	else if (strcmp(ours, "3") != 0 || number < 1)
		result = err_set(err, STATUS_USAGE, "%s: a database, but none of mroom", path);
	else if (number > STORE_SCHEMA)
		result = err_set(err, STATUS_CONSOLE,
				 "%s: made by a newer mroom (schema %ld; this one knows up to %d)",
				 path, number, STORE_SCHEMA);
	free(whole);
	free(version);
	free(ours);
	*version_number = number;
	return result;
}

/* A copy of an older schema is brought up to ours beside the database: what replaces it is complete.
 * The caller closes it, and removes its file. */
static struct store *upgrade_beside(const struct store *store, sqlite3 *copy,
				    const struct home *home, char **file, struct err *err)
{
	struct store *upgraded = mem_zero(1, sizeof(*upgraded));
	int code;

	if (make_beside(store->path, file, err) || write_copy(copy, *file, err))
		goto fail;
	upgraded->path = mem_text(*file);
	code = sqlite3_open_v2(*file, &upgraded->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			       NULL);
	if (code != SQLITE_OK) {
		fail_at(*file, upgraded->db, code, err);
		goto fail;
	}
	sqlite3_extended_result_codes(upgraded->db, 1);
	if (store_migrate(upgraded, home, err))
		goto fail;
	return upgraded;
fail:
	store_close(upgraded);
	return NULL;
}

/* And the copy that every upgrade keeps of what was before: here the backup itself is that. */
static void remove_upgraded(const char *file, long version)
{
	char *kept = mem_format("%s.schema-%ld", file, version);

	unlink(file);
	unlink(kept);
	free(kept);
}

int store_restore(struct store *store, const struct home *home, const char *path, const char *aside,
		  struct err *err)
{
	struct store *upgraded = NULL;
	sqlite3 *copy = NULL;
	char *file = NULL;
	long version = 0;
	int result = -1;
	int code;

	if (access(path, R_OK))
		return err_sys(err, STATUS_USAGE, errno, "%s", path);
	if (same_file(store->path, path))
		return err_set(err, STATUS_USAGE, "%s: this is the database itself", path);
	code = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		fail_at(path, copy, code, err);
		goto out;
	}
	if (check_copy(copy, path, &version, err))
		goto out;
	if (version < STORE_SCHEMA) {
		upgraded = upgrade_beside(store, copy, home, &file, err);
		if (!upgraded)
			goto out;
	}
	if (store_backup(store, aside, err))
		goto out;
	/* All pages at once: it is one transaction then. */
	code = copy_pages(store->db, upgraded ? upgraded->db : copy, -1);
	if (code == SQLITE_OK)
		result = 0;
	else
		fail_at(store->path, store->db, code, err);
out:
	store_close(upgraded);
	if (file)
		remove_upgraded(file, version);
	free(file);
	sqlite3_close(copy);
	return result;
}

/* --- is it well? --- */

int store_check(struct store *store, struct list *problems, struct err *err)
{
	struct list lines = LIST_INIT;
	int result = store_texts(store, "PRAGMA integrity_check", &lines, err);

	for (size_t i = 0; i < lines.count; i++)
		if (strcmp(lines.at[i], "ok") != 0)
			list_add(problems, lines.at[i]);
	list_finish(&lines);
	if (result)
		return -1;
	return store_texts(store,
			   "SELECT printf('%s: row %s refers to a row of %s that is not there', "
			   "\"table\", coalesce(rowid, '?'), parent) FROM pragma_foreign_key_check",
			   problems, err);
}

int store_secret_count(struct store *store, int64_t *count, struct err *err)
{
	return store_number(store, count, err, "SELECT count(*) FROM secret", "") < 0 ? -1 : 0;
}
