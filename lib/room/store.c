#include "lib/room/store.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/room/store_db.h"

/* How long a writer waits for the others. Each transaction is short, so that only very many of them
 * at once, or a stopped process, reach it. */
#define BUSY_MS 60000

/* Makes the file before SQLite would: with mode 0600, which -wal and -shm then copy. A file that
 * exists is not touched: closing it here would drop locks this process holds on it. */
static int store_create_file(const char *path, struct err *err)
{
	int fd;

	if (!access(path, F_OK))
		return 0;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return err_sys(err, STATUS_CONSOLE, errno, "%s: cannot make the database", path);
	if (fd >= 0)
		close(fd);
	return 0;
}

static int store_configure(struct store *store, struct err *err)
{
	sqlite3_extended_result_codes(store->db, 1);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	/* The cache is a limit, not a size: of 100,000 servers all that is walked stays in it. */
	if (sqlite3_exec(store->db,
			 "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; "
			 "PRAGMA cache_size = -32768",
			 NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(store, err);
	if (sqlite3_db_readonly(store->db, "main") == 1)
		return err_set(
		    err, STATUS_CONSOLE,
		    "%s: the database cannot be written (check the file's owner and mode)",
		    store->path);
	return 0;
}

struct store *store_open(const struct home *home, struct err *err)
{
	struct store *store = mem_zero(1, sizeof(*store));

	store->path = home_path(home, "mroom.db");
	if (store_create_file(store->path, err))
		goto fail;
	if (sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK) {
		store_fail(store, err);
		goto fail;
	}
	if (store_configure(store, err) || store_migrate(store, home, err))
		goto fail;
	return store;
fail:
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->statement_count; i++)
		sqlite3_finalize(store->statements[i].at);
	free(store->statements);
	sqlite3_close(store->db);
	free(store->path);
	free(store->user);
	free(store);
}

char *store_beside(const struct store *store, const char *name)
{
	return mem_format("%.*s%s", (int)(strrchr(store->path, '/') - store->path) + 1, store->path,
			  name);
}

int store_begin(struct store *store, struct err *err)
{
	return store_exec(store, err, "BEGIN IMMEDIATE", "");
}

int store_read(struct store *store, struct err *err)
{
	return store_exec(store, err, "BEGIN", "");
}

int store_commit(struct store *store, struct err *err)
{
	if (store_exec(store, err, "COMMIT", "") == 0)
		return 0;
	store_rollback(store);
	return -1;
}

void store_rollback(struct store *store)
{
	/* A full disk rolls back by itself: there is nothing left to undo then. */
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

bool store_is_begun(const struct store *store)
{
	return !sqlite3_get_autocommit(store->db);
}
