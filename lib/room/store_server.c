#include "lib/base/mem.h"
#include "lib/room/store_db.h"

/* The columns that server_view reads. */
#define SERVER_COLUMNS                                                                         \
	"SELECT s.row, s.id, s.host, s.port, s.user, s.key_path, r.name, s.position, t.name, " \
	"(SELECT group_concat(name, ',') FROM "                                                \
	"(SELECT name FROM tag WHERE server = s.row ORDER BY name)), s.retired, s.description, s.auth_method, s.jump "

/* The same columns where the id alone is wanted: nothing is looked up elsewhere. */
#define SERVER_IDS                                                                         \
	"SELECT s.row, s.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, s.retired, " \
	"NULL, NULL, NULL "

/* Rooms outside, servers inside: both come from an index in order, so nothing is sorted or held, and the
 * first server is there at once. */
#define SERVER_ROOMED                                   \
	"FROM room r CROSS JOIN server s ON s.room = r.row " \
	"LEFT JOIN tunnel t ON t.row = s.tunnel "            \
	"WHERE (?2 IS NULL OR r.name = ?2) AND " SERVER_WHERE "ORDER BY r.name, s.position"
#define SERVER_ROOMLESS                                \
	"FROM server s LEFT JOIN room r ON r.row = s.room " \
	"LEFT JOIN tunnel t ON t.row = s.tunnel "           \
	"WHERE s.room IS NULL AND ?2 IS NULL AND " SERVER_WHERE "ORDER BY s.id"

/* What a query asks of a server; parameters as server_query_bind sets them. */
#define SERVER_WHERE                                                                         \
	"(?1 IS NULL OR s.id GLOB ?1) "                                                      \
	"AND (?3 IS NULL OR EXISTS (SELECT 1 FROM tag WHERE server = s.row AND name = ?3)) " \
	"AND s.retired BETWEEN ?4 AND ?5 "

/* A server made of the row at hand; its texts are SQLite's, valid until the next step. */
static struct server server_view(sqlite3_stmt *row)
{
	return (struct server){
	    .row = sqlite3_column_int64(row, 0),
	    .id = store_column(row, 1),
	    .host = store_column(row, 2),
	    .port = (long)sqlite3_column_int64(row, 3),
	    .user = store_column(row, 4),
	    .key = store_column(row, 5),
	    .room = store_column(row, 6),
	    .position = (long)sqlite3_column_int64(row, 7),
	    .tunnel = store_column(row, 8),
	    .tags = store_column(row, 9),
	    .retired = sqlite3_column_int(row, 10) != 0,
	    .description = store_column(row, 11),
	    .auth = store_column(row, 12),
	    .jump = store_column(row, 13),
	};
}

int store_server_get(struct store *store, const char *id, struct server *server, struct err *err)
{
	static const char sql[] = SERVER_COLUMNS "FROM server s LEFT JOIN room r ON r.row = s.room "
						 "LEFT JOIN tunnel t ON t.row = s.tunnel "
						 "WHERE s.id = ?1";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	struct server view;
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "t", id);
	result = store_step(store, statement, err);
	if (result == 1) {
		view = server_view(statement);
		server_copy(server, &view);
	}
	store_reset(statement);
	return result;
}

int store_server_auth(struct store *store, int64_t row, const char *how, struct err *err)
{
	return store_exec(store, err, "UPDATE server SET auth_method = ?2 WHERE row = ?1", "it",
			  row, how);
}

/* GLOB knows brackets, mroom's globs do not: in those a bracket is itself. NULL gives NULL. */
static char *glob_pattern(const char *glob)
{
	struct buf pattern = BUF_INIT;

	if (!glob)
		return NULL;
	for (; *glob; glob++) {
		if (*glob == '[')
			buf_text(&pattern, "[[]");
		else
			buf_char(&pattern, *glob);
	}
	return buf_detach(&pattern);
}

/* Walks one statement that yields SERVER_COLUMNS. */
static int server_walk(struct store *store, const char *sql, const struct server_query *query,
		       server_fn *fn, void *ctx, struct err *err)
{
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	char *glob = glob_pattern(query->glob);
	struct server view;
	int result = -1;

	if (!statement)
		goto out;
	store_bind(statement, "tttii", glob, query->room, query->tag, (int64_t)query->only_retired,
		   (int64_t)(query->with_retired || query->only_retired));
	while ((result = store_step(store, statement, err)) == 1) {
		view = server_view(statement);
		if (fn(ctx, &view, err)) {
			result = -1;
			break;
		}
	}
out:
	store_reset(statement);
	free(glob);
	return result;
}

/* @name: a room of that name, else a tag. */
static int query_settle(struct store *store, struct server_query *query, struct err *err)
{
	int is_room;

	if (!query->room_or_tag)
		return 0;
	is_room = store_room_exists(store, query->room_or_tag, err);
	if (is_room < 0)
		return -1;
	if (is_room)
		query->room = query->room_or_tag;
	else
		query->tag = query->room_or_tag;
	return 0;
}

int store_server_each(struct store *store, const struct server_query *query, server_fn *fn,
		      void *ctx, struct err *err)
{
	static const char roomed[] = SERVER_COLUMNS SERVER_ROOMED;
	static const char roomless[] = SERVER_COLUMNS SERVER_ROOMLESS;
	static const char roomed_ids[] = SERVER_IDS SERVER_ROOMED;
	static const char roomless_ids[] = SERVER_IDS SERVER_ROOMLESS;
	struct server_query settled = *query;
	/* Both walks see the same moment, so that no server comes out twice or not at all. */
	bool own = sqlite3_get_autocommit(store->db);
	int result = -1;

	if (own && store_exec(store, err, "BEGIN", ""))
		return -1;
	if (query_settle(store, &settled, err) ||
	    server_walk(store, query->ids_only ? roomed_ids : roomed, &settled, fn, ctx, err) ||
	    server_walk(store, query->ids_only ? roomless_ids : roomless, &settled, fn, ctx, err))
		goto out;
	result = 0;
out:
	if (own)
		store_rollback(store); /* nothing was written: this ends the reading */
	return result;
}

int store_room_exists(struct store *store, const char *name, struct err *err)
{
	int64_t one;

	return store_number(store, &one, err, "SELECT 1 FROM room WHERE name = ?1", "t", name);
}

int store_tag_exists(struct store *store, const char *name, struct err *err)
{
	int64_t one;

	return store_number(store, &one, err, "SELECT 1 FROM tag WHERE name = ?1 LIMIT 1", "t",
			    name);
}

int store_server_count(struct store *store, long *count, struct err *err)
{
	int64_t number = 0;
	int result = store_number(store, &number, err, "SELECT count(*) FROM server", "");

	*count = (long)number;
	return result < 0 ? -1 : 0;
}

int store_room_count(struct store *store, const char *room, long *count, struct err *err)
{
	int64_t number = 0;
	int result = store_number(store, &number, err,
				  "SELECT count(*) FROM server s JOIN room r ON r.row = s.room "
				  "WHERE r.name = ?1",
				  "t", room);

	*count = (long)number;
	return result < 0 ? -1 : 0;
}

int store_room_names(struct store *store, struct list *into, struct err *err)
{
	return store_texts(store, "SELECT name FROM room ORDER BY name", into, err);
}

int store_tag_names(struct store *store, struct list *into, struct err *err)
{
	return store_texts(store, "SELECT DISTINCT name FROM tag ORDER BY name", into, err);
}
