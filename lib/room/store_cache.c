/*
 * cache.db of the first MachineRoom: one table, server_room, passwords in clear, what was known of
 * a server in two JSON objects. It is opened for reading only and stays as it is.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/listing_build.h"
#include "lib/room/store_db.h"

static const char *column(sqlite3_stmt *row, int at)
{
	const char *text = (const char *)sqlite3_column_text(row, at);

	return text ? text : "";
}

/* Of the fields in `res` two are ours by other means; the rest is state. */
static int read_res(struct roster_server *entry, const char *text, struct err *err)
{
	json_t *res = *text ? json_loads(text, 0, NULL) : json_object();
	const char *key;
	json_t *value;

	if (!json_is_object(res)) {
		json_decref(res);
		return err_set(err, STATUS_USAGE, "its column res is no JSON object");
	}
	json_object_foreach(res, key, value)
	{
		if (!strcmp(key, "retired")) {
			entry->server.retired = json_is_true(value);
			entry->says |= IMPORT_RETIREMENT;
			continue;
		}
		if (!strcmp(key, "tunnel_profile")) {
			listing_set(entry, "tunnel",
				    json_is_string(value) ? json_string_value(value) : "", err);
			continue;
		}
		if (!strcmp(key, "local_cert_path") && json_is_string(value))
			listing_set(entry, "key", json_string_value(value), err);
		list_add(&entry->state, key);
		list_take(&entry->state, json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT));
	}
	json_decref(res);
	return 0;
}

static int read_next_action(struct roster_server *entry, const char *text, struct err *err)
{
	json_t *next = *text ? json_loads(text, 0, NULL) : json_object();
	const char *key;
	json_t *value;

	if (!json_is_object(next)) {
		json_decref(next);
		return err_set(err, STATUS_USAGE, "its column next_action is no JSON object");
	}
	json_object_foreach(next, key, value)
	{
		if (!json_is_number(value) || json_number_value(value) < 0)
			continue;
		list_add(&entry->schedule, key);
		list_take(&entry->schedule,
			  mem_format("%lld", (long long)json_number_value(value)));
	}
	json_decref(next);
	return 0;
}

static void read_row(struct listing *listing, sqlite3_stmt *row, long number)
{
	static const char *const fields[] = {"id",	 "host", "user",
					     "password", "port", "description"};
	struct roster_server entry;
	struct err err = ERR_INIT;
	int result = 0;

	listing_entry(&entry);
	for (int i = 0; i < 6 && result >= 0; i++)
		result = listing_set(&entry, fields[i], column(row, i), &err);
	if (result >= 0)
		result = read_res(&entry, column(row, 6), &err);
	if (result >= 0)
		result = read_next_action(&entry, column(row, 7), &err);
	if (result >= 0) {
		listing_take(listing, number, &entry);
		return;
	}
	err_prefix(&err, "%s", column(row, 0));
	listing_problem(listing, number, err.text);
	roster_server_finish(&entry);
}

static int read_rows(struct listing *listing, sqlite3 *db)
{
	sqlite3_stmt *row = NULL;
	long number = 0;
	int code = sqlite3_prepare_v2(db,
				      "SELECT id, host, user, pass, port, description, res, "
				      "next_action FROM server_room ORDER BY rowid",
				      -1, &row, NULL);

	if (code == SQLITE_OK) {
		while ((code = sqlite3_step(row)) == SQLITE_ROW)
			read_row(listing, row, ++number);
	}
	sqlite3_finalize(row);
	return code == SQLITE_DONE || code == SQLITE_OK ? 0 : -1;
}

struct roster *listing_cache(const char *source, const char *path, struct err *err)
{
	struct listing listing;
	struct roster *roster;
	sqlite3 *db = NULL;
	bool bad;

	listing_begin(&listing, source);
	bad = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	      sqlite3_busy_timeout(db, 5000) != SQLITE_OK || read_rows(&listing, db);
	if (bad)
		err_set(err, STATUS_USAGE, "%s: no cache.db of the first MachineRoom: %s", source,
			sqlite3_errmsg(db));
	sqlite3_close(db);
	roster = listing_end(&listing);
	if (!bad)
		return roster;
	roster_destroy(roster);
	return NULL;
}
