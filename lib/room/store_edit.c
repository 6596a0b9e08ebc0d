#include "lib/room/store_edit.h"

#include "lib/base/mem.h"
#include "lib/room/store_db.h"

int store_room_close_ranks(struct store *store, int64_t room, struct err *err)
{
	return store_exec(store, err,
			  "UPDATE server SET position = ranks.rank FROM (SELECT row, row_number() "
			  "OVER (ORDER BY position) - 1 AS rank FROM server WHERE room = ?1) AS "
			  "ranks WHERE server.row = ranks.row AND server.position <> ranks.rank",
			  "i", room) ||
		       store_exec(store, err,
				  "DELETE FROM room WHERE row = ?1 AND NOT EXISTS "
				  "(SELECT 1 FROM server WHERE room = ?1)",
				  "i", room)
		   ? -1
		   : 0;
}

int store_rooms_close_ranks(struct store *store, struct err *err)
{
	/* Positions begin at 0: where there is none missing, the last one tells how many there are.
	 */
	return store_exec(
		   store, err,
		   "UPDATE server SET position = ranks.rank FROM (SELECT row, row_number() OVER "
		   "(PARTITION BY room ORDER BY position) - 1 AS rank FROM server WHERE room IN "
		   "(SELECT room FROM server WHERE room IS NOT NULL GROUP BY room "
		   "HAVING max(position) >= count(*))) AS ranks "
		   "WHERE server.row = ranks.row AND server.position <> ranks.rank",
		   "") ||
		       store_exec(store, err,
				  "DELETE FROM room WHERE row NOT IN "
				  "(SELECT room FROM server WHERE room IS NOT NULL)",
				  "")
		   ? -1
		   : 0;
}

/* The row of the room, which is made when there is none; 0 for no room. */
static int room_row(struct store *store, const char *name, int64_t *row, struct err *err)
{
	*row = 0;
	if (!name)
		return 0;
	return store_exec(store, err, "INSERT INTO room (name) VALUES (?1) ON CONFLICT DO NOTHING",
			  "t", name) ||
		       store_number(store, row, err, "SELECT row FROM room WHERE name = ?1", "t",
				    name) < 0
		   ? -1
		   : 0;
}

/* The row of the tunnel; 0 for none. */
static int tunnel_row(struct store *store, const char *name, int64_t *row, struct err *err)
{
	struct list names = LIST_INIT;
	const char *near;
	int found;

	*row = 0;
	if (!name)
		return 0;
	found = store_number(store, row, err, "SELECT row FROM tunnel WHERE name = ?1", "t", name);
	if (found)
		return found < 0 ? -1 : 0;
	if (store_tunnel_names(store, &names, err))
		return -1;
	near = list_nearest(name, (const char *const *)names.at, names.count);
	if (near)
		err_set(err, STATUS_USAGE, "no tunnel '%s' (did you mean %s?)", name, near);
	else
		err_set(err, STATUS_USAGE, "no tunnel '%s' (a roster's tunnel line makes one)",
			name);
	list_finish(&names);
	return -1;
}

/* Runs a statement that changes at most one row, and notes whether it did. */
#define CHANGE(store, err, bit, sql, types, ...) \
	(store_exec(store, err, sql, types, __VA_ARGS__) ? -1 : note_change(store, changed, bit))

static int note_change(struct store *store, unsigned *changed, unsigned bit)
{
	if (sqlite3_changes(store->db))
		*changed |= bit;
	return 0;
}

static int set_room(struct store *store, int64_t row, const char *name, unsigned *changed,
		    struct err *err)
{
	int64_t room;

	if (room_row(store, name, &room, err) ||
	    CHANGE(store, err, IMPORT_ROOM,
		   "UPDATE server SET room = nullif(?2, 0), position = CASE ?2 WHEN 0 THEN -1 ELSE "
		   "(SELECT coalesce(max(position) + 1, 0) FROM server WHERE room = ?2) END "
		   "WHERE row = ?1 AND room IS NOT nullif(?2, 0)",
		   "ii", row, room))
		return -1;
	return 0;
}

static int set_tunnel(struct store *store, int64_t row, const char *name, unsigned *changed,
		      struct err *err)
{
	int64_t tunnel;

	if (tunnel_row(store, name, &tunnel, err))
		return -1;
	return CHANGE(store, err, IMPORT_TUNNEL,
		      "UPDATE server SET tunnel = nullif(?2, 0) WHERE row = ?1 AND "
		      "tunnel IS NOT nullif(?2, 0)",
		      "ii", row, tunnel);
}

int store_tag_set(struct store *store, int64_t row, const char *tag, bool on, bool *changed,
		  struct err *err)
{
	int result =
	    on ? store_exec(store, err,
			    "INSERT INTO tag (server, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
			    "it", row, tag)
	       : store_exec(store, err, "DELETE FROM tag WHERE server = ?1 AND name = ?2", "it",
			    row, tag);

	*changed |= !result && sqlite3_changes(store->db);
	return result;
}

/* Exactly these tags, comma-joined. */
static int set_tags(struct store *store, int64_t row, const char *tags, unsigned *changed,
		    struct err *err)
{
	struct list names = LIST_INIT;
	char *joined;
	bool more = false;
	int result;

	list_split(&names, tags ? tags : "", ',');
	joined = list_join(&names, ",");
	result = CHANGE(store, err, IMPORT_TAGS,
			"DELETE FROM tag WHERE server = ?1 AND "
			"instr(',' || ?2 || ',', ',' || name || ',') = 0",
			"it", row, joined);
	for (size_t i = 0; i < names.count && !result; i++)
		result = store_tag_set(store, row, names.at[i], true, &more, err);
	if (more)
		*changed |= IMPORT_TAGS;
	free(joined);
	list_finish(&names);
	return result;
}

/* The fields that are columns of their own. */
static int set_columns(struct store *store, int64_t row, const struct server *to, unsigned fields,
		       unsigned *changed, struct err *err)
{
	if ((fields & IMPORT_HOST &&
	     CHANGE(store, err, IMPORT_HOST,
		    "UPDATE server SET host = ?2 WHERE row = ?1 AND host IS NOT ?2", "it", row,
		    to->host)) ||
	    (fields & IMPORT_PORT &&
	     CHANGE(store, err, IMPORT_PORT,
		    "UPDATE server SET port = nullif(?2, 0) WHERE row = ?1 AND "
		    "coalesce(port, 0) <> ?2",
		    "ii", row, (int64_t)to->port)) ||
	    (fields & IMPORT_USER &&
	     CHANGE(store, err, IMPORT_USER,
		    "UPDATE server SET user = ?2 WHERE row = ?1 AND user IS NOT ?2", "it", row,
		    to->user)) ||
	    (fields & IMPORT_KEY &&
	     CHANGE(store, err, IMPORT_KEY,
		    "UPDATE server SET key_path = ?2 WHERE row = ?1 AND key_path IS NOT ?2", "it",
		    row, to->key)) ||
	    (fields & IMPORT_DESCRIPTION &&
	     CHANGE(store, err, IMPORT_DESCRIPTION,
		    "UPDATE server SET description = ?2 WHERE row = ?1 AND description IS NOT ?2",
		    "it", row, to->description)) ||
	    (fields & IMPORT_JUMP &&
	     CHANGE(store, err, IMPORT_JUMP,
		    "UPDATE server SET jump = ?2 WHERE row = ?1 AND jump IS NOT ?2", "it", row,
		    to->jump)) ||
	    (fields & IMPORT_RETIREMENT &&
	     CHANGE(store, err, IMPORT_RETIREMENT,
		    "UPDATE server SET retired = ?2 WHERE row = ?1 AND retired <> ?2", "ii", row,
		    (int64_t)to->retired)))
		return -1;
	return 0;
}

int store_server_set(struct store *store, int64_t row, const struct server *to, unsigned fields,
		     unsigned *changed, struct err *err)
{
	int64_t one;
	int found = store_number(store, &one, err, "SELECT 1 FROM server WHERE row = ?1", "i", row);

	*changed = 0;
	if (found < 1)
		return found ? -1 : err_set(err, STATUS_USAGE, "the server was removed meanwhile");
	if (set_columns(store, row, to, fields, changed, err) ||
	    (fields & IMPORT_ROOM && set_room(store, row, to->room, changed, err)) ||
	    (fields & IMPORT_TUNNEL && set_tunnel(store, row, to->tunnel, changed, err)) ||
	    (fields & IMPORT_TAGS && set_tags(store, row, to->tags, changed, err)))
		return -1;
	return 0;
}

static int check_free(struct store *store, const char *id, struct err *err)
{
	int64_t one;
	int found = store_number(store, &one, err, "SELECT 1 FROM server WHERE id = ?1", "t", id);

	return found > 0 ? err_set(err, STATUS_USAGE, "there is a server '%s' already", id) : found;
}

int store_server_add(struct store *store, const struct server *server, int64_t *row,
		     struct err *err)
{
	const unsigned later = IMPORT_ROOM | IMPORT_TUNNEL | IMPORT_TAGS | IMPORT_RETIREMENT |
			       IMPORT_DESCRIPTION | IMPORT_JUMP;
	unsigned changed;

	if (check_free(store, server->id, err) ||
	    store_exec(store, err,
		       "INSERT INTO server (id, host, port, user, key_path) "
		       "VALUES (?1, ?2, nullif(?3, 0), ?4, ?5)",
		       "ttitt", server->id, server->host, (int64_t)server->port, server->user,
		       server->key))
		return -1;
	*row = sqlite3_last_insert_rowid(store->db);
	return store_server_set(store, *row, server, later, &changed, err);
}

/* Those who are reached through it go on to be. */
static int rename_jumps(struct store *store, int64_t row, const char *id, struct err *err)
{
	return store_exec(
	    store, err,
	    "UPDATE server SET jump = trim(replace(',' || jump || ',', ',' || own.id || "
	    "',', ',' || ?2 || ','), ',') FROM (SELECT id FROM server WHERE row = ?1) "
	    "AS own WHERE instr(',' || jump || ',', ',' || own.id || ',')",
	    "it", row, id);
}

int store_server_is(struct store *store, int64_t row, const char *id, struct err *err)
{
	int64_t one;

	return store_number(store, &one, err, "SELECT 1 FROM server WHERE row = ?1 AND id = ?2",
			    "it", row, id);
}

int store_server_rename(struct store *store, int64_t row, const char *id, struct err *err)
{
	return check_free(store, id, err) || rename_jumps(store, row, id, err) ||
		       store_exec(store, err, "UPDATE server SET id = ?2 WHERE row = ?1", "it", row,
				  id)
		   ? -1
		   : 0;
}

int store_server_remove(struct store *store, const struct server *server, struct err *err)
{
	/* state and tags go along: ON DELETE CASCADE */
	return store_exec(store, err, "DELETE FROM server WHERE row = ?1", "i", server->row) ||
		       store_secret_remove(store, SECRET_SERVER_PASSWORD, server->id, err)
		   ? -1
		   : 0;
}

int store_jump_user(struct store *store, const struct map *ids, char **user, char **jump,
		    struct err *err)
{
	sqlite3_stmt *statement = store_prepare(
	    store, "SELECT id, jump FROM server WHERE jump IS NOT NULL ORDER BY id", err);
	int result;

	if (!statement)
		return -1;
	while (!*user && (result = store_step(store, statement, err)) == 1) {
		struct list words = LIST_INIT;

		list_split(&words, store_column(statement, 1), ',');
		for (size_t i = 0; i < words.count && !*user; i++) {
			if (!map_get(ids, words.at[i]))
				continue;
			*user = mem_text(store_column(statement, 0));
			*jump = mem_text(words.at[i]);
		}
		list_finish(&words);
	}
	store_reset(statement);
	return *user ? 1 : result;
}
