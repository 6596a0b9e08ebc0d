#include <dirent.h>
#include <time.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/store_db.h"

#define SCHEMA_FILE_MAX ((size_t)1024 * 1024)
#define SWITCH_MS 60000

static int schema_version(struct store *store, int64_t *version, struct err *err)
{
	return store_number(store, version, err, "PRAGMA user_version", "") < 0 ? -1 : 0;
}

/*
 * Turns a fresh database to WAL, which stays with the file. The switch needs the file for itself,
 * and SQLite answers BUSY without waiting when two processes try at once: so it is tried again
 * here.
 */
static int schema_use_wal(struct store *store, struct err *err)
{
	const struct timespec pause = {0, 5000000L};
	int64_t deadline = clock_mono_ms() + SWITCH_MS;
	int code;

	for (;;) {
		code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		if (code == SQLITE_OK)
			return 0;
		if ((code & 0xff) != SQLITE_BUSY || clock_mono_ms() > deadline)
			return store_fail(store, err);
		nanosleep(&pause, NULL);
	}
}

/* The path of migration `number`, "NNNN-name.sql" in `dir`. NULL when there is none. */
static char *schema_find(const char *dir, int number)
{
	char prefix[16];
	struct dirent *entry;
	char *found = NULL;
	DIR *listing = opendir(dir);

	if (!listing)
		return NULL;
	snprintf(prefix, sizeof(prefix), "%04d-", number);
	while (!found && (entry = readdir(listing))) {
		size_t size = strlen(entry->d_name);

		if (!strncmp(entry->d_name, prefix, 5) && size > 9 &&
		    !strcmp(entry->d_name + size - 4, ".sql"))
			found = mem_format("%s/%s", dir, entry->d_name);
	}
	closedir(listing);
	return found;
}

/* Runs one migration; the transaction is open. */
static int schema_apply(struct store *store, const char *dir, int number, struct err *err)
{
	char *path = schema_find(dir, number);
	struct buf sql = BUF_INIT;
	char mark[64];
	int result = -1;

	if (!path) {
		err_set(
		    err, STATUS_CONSOLE,
		    "%s/%04d-*.sql is missing (is MROOM_SHARE right, is mroom fully installed?)",
		    dir, number);
		goto out;
	}
	if (io_read_file(path, SCHEMA_FILE_MAX, &sql, err)) {
		err->status = STATUS_CONSOLE;
		goto out;
	}
	snprintf(mark, sizeof(mark), "PRAGMA user_version = %d", number);
	if (sqlite3_exec(store->db, sql.at, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(store->db, mark, NULL, NULL, NULL) != SQLITE_OK) {
		store_fail(store, err);
		err_prefix(err, "schema %04d", number);
		goto out;
	}
	result = 0;
out:
	buf_finish(&sql);
	free(path);
	return result;
}

/* Keeps the database as the older mroom left it. */
static int schema_keep_old(struct store *store, int version, struct err *err)
{
	char *path = mem_format("%s.schema-%d", store->path, version);
	int result = store_copy(store->path, path, err);

	if (result)
		err_prefix(err, "the copy before the upgrade");
	free(path);
	return result;
}

/* All that is missing, in one transaction: an upgrade is whole or has not happened. Another process
 * may have done it while this one waited. */
static int schema_upgrade(struct store *store, const char *dir, struct err *err)
{
	int64_t version = 0;

	if (store_begin(store, err))
		return -1;
	if (schema_version(store, &version, err) ||
	    (version && version < STORE_SCHEMA && schema_keep_old(store, (int)version, err)))
		goto fail;
	for (int number = (int)version + 1; number <= STORE_SCHEMA; number++)
		if (schema_apply(store, dir, number, err))
			goto fail;
	return store_commit(store, err);
fail:
	store_rollback(store);
	return -1;
}

int store_migrate(struct store *store, const struct home *home, struct err *err)
{
	int64_t version;
	char *dir;
	int result;

	if (schema_version(store, &version, err))
		return -1;
	if (version == STORE_SCHEMA)
		return 0;
	if (version > STORE_SCHEMA)
		return err_set(err, STATUS_CONSOLE,
			       "%s: made by a newer mroom (schema %d; this one knows up to %d): "
			       "use that newer mroom",
			       store->path, (int)version, STORE_SCHEMA);
	if (!version && schema_use_wal(store, err))
		return -1;
	dir = home_share(home, "schema");
	result = schema_upgrade(store, dir, err);
	free(dir);
	return result;
}
