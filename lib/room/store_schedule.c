#include "lib/room/store_schedule.h"

#include "lib/room/store_db.h"

/* Binds NULL for what has no number. */
static int schedule_write(struct store *store, const struct schedule_row *row, struct err *err)
{
	static const char sql[] =
	    "INSERT INTO schedule (key, server, due_at, every) "
	    "SELECT ?1, row, ?3, ?4 FROM server WHERE id = ?2 "
	    "ON CONFLICT (key, server) DO UPDATE SET due_at = excluded.due_at, "
	    "every = excluded.every";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "ttii", row->key, row->id, row->due_at, row->every);
	if (row->due_at == SCHEDULE_NEVER)
		sqlite3_bind_null(statement, 3);
	if (row->every <= 0)
		sqlite3_bind_null(statement, 4);
	result = store_step(store, statement, err);
	store_reset(statement);
	return result;
}

int store_schedule_set(struct store *store, const struct schedule_row *row, struct err *err)
{
	return schedule_write(store, row, err);
}

int store_schedule_clear(struct store *store, const char *id, const char *key, struct err *err)
{
	return store_exec(store, err,
			  "DELETE FROM schedule WHERE key = ?1 AND server = "
			  "(SELECT row FROM server WHERE id = ?2)",
			  "tt", key, id);
}

static struct schedule_row schedule_view(sqlite3_stmt *statement)
{
	return (struct schedule_row){
	    .id = store_column(statement, 0),
	    .key = store_column(statement, 1),
	    .due_at = sqlite3_column_type(statement, 2) == SQLITE_NULL
			  ? SCHEDULE_NEVER
			  : sqlite3_column_int64(statement, 2),
	    .every = sqlite3_column_int64(statement, 3),
	};
}

int store_schedule_get(struct store *store, struct schedule_row *row, struct err *err)
{
	static const char sql[] = "SELECT v.id, e.key, e.due_at, e.every FROM schedule e "
				  "JOIN server v ON v.row = e.server "
				  "WHERE e.key = ?1 AND v.id = ?2";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	struct schedule_row view;
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "tt", row->key, row->id);
	result = store_step(store, statement, err);
	if (result == 1) {
		view = schedule_view(statement);
		row->due_at = view.due_at;
		row->every = view.every;
	}
	store_reset(statement);
	return result;
}

int store_schedule_done(struct store *store, const char *id, const char *key, int64_t every,
			int64_t now, struct err *err)
{
	struct schedule_row row = {id, key, SCHEDULE_NEVER, 0};

	if (store_schedule_get(store, &row, err) < 0)
		return -1;
	if (every > 0)
		row.every = every;
	if (row.every <= 0)
		row.due_at = SCHEDULE_NEVER;
	else if (row.due_at == SCHEDULE_NEVER)
		row.due_at = now + row.every;
	else /* what was late once is not late for ever: times keep their distance from the first */
		row.due_at +=
		    row.due_at > now ? row.every : ((now - row.due_at) / row.every + 1) * row.every;
	return schedule_write(store, &row, err);
}

static int schedule_walk(struct store *store, sqlite3_stmt *statement, schedule_fn *fn, void *ctx,
			 struct err *err)
{
	int result;

	while ((result = store_step(store, statement, err)) == 1) {
		const struct schedule_row row = schedule_view(statement);

		if (fn(ctx, &row, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	return result;
}

int store_schedule_each(struct store *store, const char *key, schedule_fn *fn, void *ctx,
			struct err *err)
{
	static const char sql[] = "SELECT v.id, e.key, e.due_at, e.every FROM schedule e "
				  "JOIN server v ON v.row = e.server "
				  "WHERE ?1 IS NULL OR e.key = ?1 ORDER BY e.key, v.id";
	sqlite3_stmt *statement = store_prepare(store, sql, err);

	if (!statement)
		return -1;
	store_bind(statement, "t", key);
	return schedule_walk(store, statement, fn, ctx, err);
}

int store_schedule_due(struct store *store, const char *key, int64_t now, schedule_fn *fn,
		       void *ctx, struct err *err)
{
	static const char sql[] = "SELECT v.id, ?1, e.due_at, e.every FROM server v "
				  "LEFT JOIN room r ON r.row = v.room "
				  "LEFT JOIN schedule e ON e.key = ?1 AND e.server = v.row "
				  "WHERE NOT v.retired AND (e.server IS NULL OR e.due_at <= ?2) "
				  "ORDER BY r.name IS NULL, r.name, v.position, v.id";
	sqlite3_stmt *statement = store_prepare(store, sql, err);

	if (!statement)
		return -1;
	store_bind(statement, "ti", key, now);
	return schedule_walk(store, statement, fn, ctx, err);
}

int store_schedule_keys(struct store *store, struct list *into, struct err *err)
{
	return store_texts(store, "SELECT DISTINCT key FROM schedule ORDER BY key", into, err);
}
