/* The store as others may read it: one statement that reads, its rows as texts. */
#ifndef MROOM_ROOM_STORE_SQL_H
#define MROOM_ROOM_STORE_SQL_H

#include <stddef.h>

#include "lib/base/err.h"
#include "lib/room/store.h"

enum sql_type { SQL_TEXT, SQL_INT, SQL_REAL };

struct sql_cell {
	enum sql_type type;
	const char *text; /* NULL: null; bytes that are no text come in hex */
};

struct sql_reader {
	/* Called once, before the first row. Returns 0, or -1 with err set. */
	int (*names)(void *ctx, const char *const *names, size_t count, struct err *err);
	int (*row)(void *ctx, const struct sql_cell *cells, size_t count, struct err *err);
};

/*
 * Runs one SELECT (or EXPLAIN, or VALUES). Anything that would write, attach or set is refused, and
 * so is more than one statement: status 2, as for a mistake in it. Sealed secrets read as null.
 */
int store_sql(struct store *store, const char *sql, const struct sql_reader *reader, void *ctx,
	      struct err *err);

#endif
