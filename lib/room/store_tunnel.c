#include "lib/base/mem.h"
#include "lib/room/store_import.h"

int store_tunnel_names(struct store *store, struct list *into, struct err *err)
{
	return store_texts(store, "SELECT name FROM tunnel ORDER BY name", into, err);
}

int store_tunnel_line(struct store *store, const char *name, struct roster_tunnel *tunnel,
		      struct err *err)
{
	static const char sql[] = "SELECT name, type, server, user FROM tunnel WHERE name = ?1";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "t", name);
	result = store_step(store, statement, err);
	if (result == 1)
		*tunnel = (struct roster_tunnel){.name = mem_text(store_column(statement, 0)),
						 .type = mem_text(store_column(statement, 1)),
						 .server = mem_text(store_column(statement, 2)),
						 .user = mem_text(store_column(statement, 3))};
	store_reset(statement);
	return result;
}

/* 1 and *row: known, and *differs says whether the roster has it otherwise; 0: not known; -1. */
static int find_tunnel(struct import *import, const struct roster_tunnel *tunnel, int64_t *row,
		       bool *differs, struct err *err)
{
	static const char sql[] = "SELECT row, (type, server, user) <> (?2, ?3, ?4) FROM tunnel "
				  "WHERE name = ?1";
	sqlite3_stmt *statement = store_prepare(import->store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "tttt", tunnel->name, tunnel->type, tunnel->server, tunnel->user);
	result = store_step(import->store, statement, err);
	if (result == 1) {
		*row = sqlite3_column_int64(statement, 0);
		*differs = sqlite3_column_int(statement, 1) != 0;
	}
	store_reset(statement);
	return result;
}

static int import_tunnel(struct import *import, const struct roster_tunnel *tunnel, struct err *err)
{
	struct store *store = import->store;
	bool differs = false;
	int64_t row = 0;
	int found = find_tunnel(import, tunnel, &row, &differs, err);
	int password = import_password_differs(import, SECRET_TUNNEL_PASSWORD, tunnel->name,
					       tunnel->password, err);

	if (found < 0 || password < 0)
		return -1;
	if (!found) {
		if (store_exec(
			store, err,
			"INSERT INTO tunnel (name, type, server, user) VALUES (?1, ?2, ?3, ?4)",
			"tttt", tunnel->name, tunnel->type, tunnel->server, tunnel->user))
			return -1;
		row = sqlite3_last_insert_rowid(store->db);
		list_add(&import->report->tunnels_added, tunnel->name);
	} else if (differs || password) {
		if (store_exec(store, err,
			       "UPDATE tunnel SET type = ?2, server = ?3, user = ?4 WHERE row = ?1",
			       "ittt", row, tunnel->type, tunnel->server, tunnel->user))
			return -1;
		list_add(&import->report->tunnels_changed, tunnel->name);
	}
	if (password && import_password_keep(import, SECRET_TUNNEL_PASSWORD, tunnel->name,
					     tunnel->password, err))
		return -1;
	map_set(import->tunnels, tunnel->name, import_row(row));
	return 0;
}

int import_tunnels(struct import *import, struct err *err)
{
	for (size_t i = 0; i < import->roster->tunnel_count; i++)
		if (import_tunnel(import, &import->roster->tunnels[i], err))
			return -1;
	return 0;
}

int import_tunnel_row(struct import *import, const char *name, int64_t *row, struct err *err)
{
	int found;

	*row = name ? (intptr_t)map_get(import->tunnels, name) : 0;
	if (!name || *row)
		return 0;
	found = store_number(import->store, row, err, "SELECT row FROM tunnel WHERE name = ?1", "t",
			     name);
	if (found < 0)
		return -1;
	if (!found) {
		if (store_exec(import->store, err,
			       "INSERT INTO tunnel (name, type, server, user) VALUES (?1, '', '', '')",
			       "t", name))
			return -1;
		*row = sqlite3_last_insert_rowid(import->store->db);
		list_add(&import->report->tunnels_added, name);
	}
	map_set(import->tunnels, name, import_row(*row));
	return 0;
}
