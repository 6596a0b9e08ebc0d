/*
 * An import is one transaction: every server of the roster is looked up, compared and written, then
 * those that the room had and the roster lacks are placed, deleted or retired, and rooms that lost
 * servers close their ranks. Killed half-way, nothing of it has happened.
 */
#include "lib/room/store_import.h"

#include "lib/room/secret.h"

/* A server as the store has it, as far as an import compares; texts are SQLite's. */
struct known {
	int64_t row, port, room, position, tunnel;
	const char *host, *user, *key, *room_name;
	bool retired;
};

int import_password_differs(struct import *import, const char *kind, const char *name,
			    const char *password, struct err *err)
{
	int matches;

	if (!password)
		return 0;
	matches = secret_matches(import->box, import->store, kind, name, password, err);
	return matches < 0 ? -1 : !matches;
}

int import_password_keep(struct import *import, const char *kind, const char *name,
			 const char *password, struct err *err)
{
	if (import->args->dry_run)
		return 0;
	return secret_set(import->box, import->store, kind, name, password, strlen(password), err);
}

/* The row of the room, which is made when there is none. */
static int import_room(struct import *import, struct err *err)
{
	struct store *store = import->store;
	int found;

	if (!import->args->room)
		return 0;
	found = store_number(store, &import->room, err, "SELECT row FROM room WHERE name = ?1", "t",
			     import->args->room);

	if (found)
		return found < 0 ? -1 : 0;
	if (store_exec(store, err, "INSERT INTO room (name) VALUES (?1)", "t", import->args->room))
		return -1;
	import->room = sqlite3_last_insert_rowid(store->db);
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Writes a server as the roster has it, at its position. `row` 0 makes a new one. */
static int write_server(struct import *import, int64_t row, const struct server *server,
			int64_t position, int64_t tunnel, struct err *err)
{
	if (!row)
		return store_exec(
		    import->store, err,
		    "INSERT INTO server (id, host, port, user, key_path, room, position, "
		    "tunnel) VALUES (?1, ?2, nullif(?3, 0), ?4, ?5, nullif(?6, 0), ?7, "
		    "nullif(?8, 0))",
		    "ttittiii", server->id, server->host, (int64_t)server->port, server->user,
		    server->key, import->room, position, tunnel);
	return store_exec(
	    import->store, err,
	    "UPDATE server SET host = ?2, port = nullif(?3, 0), user = ?4, key_path = ?5, "
	    "room = nullif(?6, 0), position = ?7, tunnel = nullif(?8, 0) WHERE row = ?1",
	    "itittiii", row, server->host, (int64_t)server->port, server->user, server->key,
	    import->room, position, tunnel);
}

static unsigned differing_fields(const struct import *import, const struct known *known,
				 const struct server *server, int64_t tunnel)
{
	unsigned fields = 0;

	if (!same(known->host, server->host))
		fields |= IMPORT_HOST;
	if (known->port != server->port)
		fields |= IMPORT_PORT;
	if (!same(known->user, server->user))
		fields |= IMPORT_USER;
	if (!same(known->key, server->key))
		fields |= IMPORT_KEY;
	if (known->tunnel != tunnel)
		fields |= IMPORT_TUNNEL;
	if (known->room != import->room)
		fields |= IMPORT_ROOM;
	return fields;
}

static int add_server(struct import *import, const struct roster_server *entry, int64_t position,
		      int64_t tunnel, struct err *err)
{
	const struct server *server = &entry->server;
	unsigned more = 0;
	int64_t row;

	if (write_server(import, 0, server, position, tunnel, err))
		return -1;
	row = sqlite3_last_insert_rowid(import->store->db);
	if (entry->password &&
	    import_password_keep(import, SECRET_SERVER_PASSWORD, server->id, entry->password, err))
		return -1;
	import->report->added++;
	import_note(import->report, server->id, IMPORT_ADDED, 0, NULL);
	return import_more(import, entry, row, &more, err);
}

/* The server as it will be: what the source does not speak of is as it was. Texts are borrowed. */
static struct server merge(const struct known *known, const struct roster_server *entry)
{
	struct server server = entry->server;

	if (!(entry->says & IMPORT_HOST))
		server.host = (char *)(uintptr_t)known->host;
	if (!(entry->says & IMPORT_PORT))
		server.port = (long)known->port;
	if (!(entry->says & IMPORT_USER))
		server.user = (char *)(uintptr_t)known->user;
	if (!(entry->says & IMPORT_KEY))
		server.key = (char *)(uintptr_t)known->key;
	return server;
}

static void report_update(struct import *import, const struct known *known, const char *id,
			  unsigned fields)
{
	struct import_report *report = import->report;

	report->still_retired += known->retired && !(fields & IMPORT_RETIREMENT);
	if (fields & IMPORT_ROOM) {
		report->moved++;
		import_note(report, id, IMPORT_MOVED, fields, known->room_name);
		if (known->room_name)
			map_set(import->left_rooms, known->room_name, import_row(known->room));
	} else if (fields) {
		report->changed++;
		import_note(report, id, IMPORT_CHANGED, fields, NULL);
	} else {
		report->unchanged++;
	}
}

static int update_server(struct import *import, const struct known *known,
			 const struct roster_server *entry, int64_t position, int64_t tunnel,
			 struct err *err)
{
	const struct server server = merge(known, entry);
	unsigned fields = differing_fields(import, known, &server, tunnel);
	int differs = import_password_differs(import, SECRET_SERVER_PASSWORD, server.id,
					      entry->password, err);

	if (differs < 0 || (differs && import_password_keep(import, SECRET_SERVER_PASSWORD,
							    server.id, entry->password, err)))
		return -1;
	if ((fields || known->position != position) &&
	    write_server(import, known->row, &server, position, tunnel, err))
		return -1;
	if (differs)
		fields |= IMPORT_PASSWORD;
	if (import_more(import, entry, known->row, &fields, err))
		return -1;
	report_update(import, known, server.id, fields);
	return 0;
}

/* A server that the store has. */
static int meet_known(struct import *import, const struct known *known,
		      const struct roster_server *entry, int64_t tunnel, struct err *err)
{
	int64_t room = import->room;
	bool stays = import->args->stay && !(entry->says & IMPORT_ROOM) && known->room &&
		     known->room != room;
	int result;

	if (!(entry->says & IMPORT_TUNNEL))
		tunnel = known->tunnel;
	if (!stays)
		return update_server(import, known, entry, import->room ? import->position++ : -1,
				     tunnel, err);
	import->room = known->room;
	result = update_server(import, known, entry, known->position, tunnel, err);
	import->room = room;
	return result;
}

static int import_server(struct import *import, const struct roster_server *entry, struct err *err)
{
	static const char sql[] =
	    "SELECT s.row, s.port, s.room, s.position, s.tunnel, s.host, s.user, "
	    "s.key_path, r.name, s.retired "
	    "FROM server s LEFT JOIN room r ON r.row = s.room WHERE s.id = ?1";
	sqlite3_stmt *row;
	int64_t tunnel;
	int result = -1;

	map_mark(import->ids, entry->server.id);
	if (import_tunnel_row(import, entry->server.tunnel, &tunnel, err))
		return -1;
	row = store_prepare(import->store, sql, err);
	if (!row)
		return -1;
	store_bind(row, "t", entry->server.id);
	switch (store_step(import->store, row, err)) {
	case 0:
		result =
		    add_server(import, entry, import->room ? import->position++ : -1, tunnel, err);
		break;
	case 1: {
		const struct known known = {
		    .row = sqlite3_column_int64(row, 0),
		    .port = sqlite3_column_int64(row, 1),
		    .room = sqlite3_column_int64(row, 2),
		    .position = sqlite3_column_int64(row, 3),
		    .tunnel = sqlite3_column_int64(row, 4),
		    .host = store_column(row, 5),
		    .user = store_column(row, 6),
		    .key = store_column(row, 7),
		    .room_name = store_column(row, 8),
		    .retired = sqlite3_column_int(row, 9) != 0,
		};

		result = meet_known(import, &known, entry, tunnel, err);
		break;
	}
	}
	store_reset(row);
	return result;
}

static int import_all(struct import *import, struct err *err)
{
	const struct roster *roster = import->roster;

	if (import_room(import, err) || import_tunnels(import, err))
		return -1;
	for (size_t i = 0; i < roster->server_count; i++)
		if (import_server(import, &roster->servers[i], err))
			return -1;
	return (import->room && import_gone(import, err)) || import_close_ranks(import, err) ? -1
											     : 0;
}

int store_import(struct store *store, struct secret_box *box, const struct roster *roster,
		 const struct import_args *args, struct import_report *report, struct err *err)
{
	struct import import = {
	    .store = store, .box = box, .roster = roster, .args = args, .report = report};
	/* Inside a transaction of the caller's, who may have more to import. */
	bool own = sqlite3_get_autocommit(store->db);
	int result;

	if (args->gone != IMPORT_KEEP && !roster->server_count)
		return err_set(err, STATUS_USAGE,
			       "no server in the file: that would %s the whole room",
			       args->gone == IMPORT_PRUNE ? "remove" : "retire");
	/* 16 MB rather than 2: what does not fit is written, read and written again. */
	if (store_exec(store, err, "PRAGMA cache_size = -16000", "") ||
	    (own && store_begin(store, err)))
		return -1;
	import.ids = map_create();
	import.tunnels = map_create();
	import.left_rooms = map_create();
	result = import_all(&import, err);
	if (own && (result || args->dry_run))
		store_rollback(store);
	else if (own)
		result = store_commit(store, err);
	map_destroy(import.ids);
	map_destroy(import.tunnels);
	map_destroy(import.left_rooms);
	return result;
}
