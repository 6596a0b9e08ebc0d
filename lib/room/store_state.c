#include "lib/room/store_state.h"

#include <errno.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/actor.h"
#include "lib/room/state_key.h"
#include "lib/room/store_db.h"

/* One change on its way: where it goes, what is there, and what it comes to. */
struct change {
	const char *id, *by;
	struct state_key key;
	int64_t server;	 /* its row */
	char *whole;	 /* the value of key.name; NULL: none */
	struct buf path; /* of the part in question, as SQLite writes it; empty: all of it */
	char *part;	 /* the value there; NULL: none */
};

static void change_finish(struct change *change)
{
	state_key_finish(&change->key);
	free(change->whole);
	free(change->part);
	buf_finish(&change->path);
}

/* "ports.0" as a path of SQLite: $[0] where an array is, else $."0". */
static int find_path(struct store *store, struct change *change, struct err *err)
{
	const struct list *path = &change->key.path;

	if (path->count)
		buf_char(&change->path, '$');
	for (size_t i = 0; i < path->count; i++) {
		const char *part = path->at[i];
		int64_t array = 0;

		if (change->whole && strspn(part, "0123456789") == strlen(part) &&
		    store_number(store, &array, err, "SELECT json_type(?1, ?2) = 'array'", "tt",
				 change->whole, change->path.at) < 0)
			return -1;
		buf_format(&change->path, array ? "[%s]" : ".\"%s\"", part);
	}
	return 0;
}

/* Looks up what is there: 1; 0 when there is no such server; -1. */
static int change_find(struct store *store, struct change *change, const char *id, const char *key,
		       struct err *err)
{
	int found;

	change->id = id;
	buf_init(&change->path);
	if (state_key_parse(&change->key, key, err))
		return -1;
	found = store_number(store, &change->server, err, "SELECT row FROM server WHERE id = ?1",
			     "t", id);
	if (found < 1)
		return found;
	if (store_text(store, &change->whole, err,
		       "SELECT value FROM state WHERE server = ?1 AND key = ?2", "it",
		       change->server, change->key.name) < 0 ||
	    find_path(store, change, err))
		return -1;
	if (!change->path.len)
		change->part = mem_text(change->whole);
	else if (change->whole && store_text(store, &change->part, err, "SELECT ?1 -> ?2", "tt",
					     change->whole, change->path.at) < 0)
		return -1;
	return 1;
}

static int note_change(struct store *store, const struct change *change, const char *value,
		       int64_t now, struct err *err)
{
	if (!store->user)
		store->user = actor_user();
	return store_exec(store, err,
			  "INSERT INTO history "
			  "(server, key, old, value, changed_at, changed_by, user) "
			  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			  "ttttitt", change->id, change->key.name, change->whole, value, now,
			  change->by, store->user);
}

/* Writes the whole value of the key, and the history. */
static int write_whole(struct store *store, const struct change *change, const char *value,
		       struct err *err)
{
	int64_t now = clock_wall_ms();
	int result;

	if (!value ? !change->whole : change->whole && !strcmp(value, change->whole))
		return 0;
	if (value)
		result = store_exec(
		    store, err,
		    "INSERT INTO state (server, key, value, changed_at, changed_by) "
		    "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (server, key) DO UPDATE SET "
		    "value = excluded.value, changed_at = excluded.changed_at, "
		    "changed_by = excluded.changed_by",
		    "ittit", change->server, change->key.name, value, now, change->by);
	else
		result = store_exec(store, err, "DELETE FROM state WHERE server = ?1 AND key = ?2",
				    "it", change->server, change->key.name);
	return result ? -1 : note_change(store, change, value, now, err);
}

/* What the whole value becomes with `json` at the path. NULL on error. */
static char *with_part(struct store *store, const struct change *change, const char *json,
		       struct err *err)
{
	const char *base = change->whole ? change->whole : "{}";
	int64_t there = 0;
	char *whole;

	if (store_text(store, &whole, err, "SELECT json_set(?1, ?2, json(?3))", "ttt", base,
		       change->path.at, json) < 0)
		return NULL;
	if (store_number(store, &there, err, "SELECT json_type(?1, ?2) IS NOT NULL", "tt", whole,
			 change->path.at) < 0) {
		free(whole);
		return NULL;
	}
	if (!there) {
		err_set(err, STATUS_USAGE, "%s: the path leads through something that is no object",
			change->key.name);
		free(whole);
		return NULL;
	}
	return whole;
}

/* Puts json (NULL: nothing) in its place. */
static int change_write(struct store *store, struct change *change, const char *json,
			struct err *err)
{
	char *value = NULL;
	char *whole = NULL;
	int result = -1;

	if (json &&
	    store_text(store, &value, err, "SELECT CASE WHEN json_valid(?1) THEN json(?1) END", "t",
		       json) < 1) {
		if (err->status == STATUS_OK)
			err_set(err, STATUS_USAGE, "%s: the value is no JSON", change->key.name);
		goto out;
	}
	if (!change->path.len) {
		result = write_whole(store, change, value, err);
		goto out;
	}
	if (json)
		whole = with_part(store, change, value, err);
	else if (!change->part)
		result = 0;
	else if (store_text(store, &whole, err, "SELECT json_remove(?1, ?2)", "tt", change->whole,
			    change->path.at) < 0)
		whole = NULL;
	if (whole)
		result = write_whole(store, change, whole, err);
out:
	free(value);
	free(whole);
	return result;
}

/* Ends a transaction that change_begin began. */
static int change_end(struct store *store, bool own, int result, struct err *err)
{
	if (own && result > 0 && store_commit(store, err))
		return -1;
	if (own && result <= 0)
		store_rollback(store);
	return result;
}

static int change_begin(struct store *store, bool *own, struct err *err)
{
	*own = sqlite3_get_autocommit(store->db);
	return *own ? store_begin(store, err) : 0;
}

int store_state_get(struct store *store, const char *id, const char *key, struct buf *json,
		    struct err *err)
{
	struct change change = {.by = NULL};
	int result = change_find(store, &change, id, key, err);

	if (result == 1 && change.part)
		buf_text(json, change.part);
	else if (result == 1)
		result = 0;
	change_finish(&change);
	return result;
}

int store_state_set(struct store *store, const char *id, const char *key, const char *json,
		    const char *by, struct err *err)
{
	struct change change = {.by = by};
	struct err mine = ERR_INIT;
	bool own;
	int result;

	if (change_begin(store, &own, err))
		return -1;
	result = change_find(store, &change, id, key, &mine);
	if (result == 1 && change_write(store, &change, json, &mine))
		result = -1;
	change_finish(&change);
	result = change_end(store, own, result, &mine);
	if (result < 0 && err)
		*err = mine;
	return result < 0 ? -1 : 0;
}

/* Whether what is there is exactly that: 1, 0, -1. */
static int part_is(struct store *store, const struct change *change, const char *expect,
		   struct err *err)
{
	int64_t same = 0;

	if (!expect || !change->part)
		return !expect && !change->part;
	if (store_number(store, &same, err,
			 "SELECT CASE WHEN json_valid(?2) THEN ?1 = json(?2) ELSE 0 END", "tt",
			 change->part, expect) < 0)
		return -1;
	return same != 0;
}

int store_state_swap(struct store *store, const char *id, const char *key, const char *expect,
		     const char *json, const char *by, struct err *err)
{
	struct change change = {.by = by};
	struct err mine = ERR_INIT;
	bool own;
	int result;

	if (change_begin(store, &own, err))
		return -1;
	result = change_find(store, &change, id, key, &mine);
	if (result == 1)
		result = part_is(store, &change, expect, &mine);
	if (result == 1 && change_write(store, &change, json, &mine))
		result = -1;
	change_finish(&change);
	result = change_end(store, own, result, &mine);
	if (result < 0 && err)
		*err = mine;
	return result;
}

/* The sum as text, or -1. */
static int add_up(struct change *change, const char *key, int64_t number, struct buf *sum,
		  struct err *err)
{
	char *end = NULL;
	long long old = 0, total;

	if (change->part) {
		errno = 0;
		old = strtoll(change->part, &end, 10);
		if (errno || end == change->part || *end)
			return err_set(err, STATUS_USAGE, "%s of %s is %s, not an integer", key,
				       change->id, change->part);
	}
	if (__builtin_add_overflow(old, number, &total))
		return err_set(err, STATUS_USAGE, "%s of %s would not fit 64 bits", key,
			       change->id);
	buf_format(sum, "%lld", total);
	return 0;
}

int store_state_add(struct store *store, const char *id, const char *key, int64_t number,
		    const char *by, struct buf *json, struct err *err)
{
	struct change change = {.by = by};
	struct err mine = ERR_INIT;
	struct buf sum = BUF_INIT;
	bool own;
	int result;

	if (change_begin(store, &own, err))
		return -1;
	result = change_find(store, &change, id, key, &mine);
	if (result == 1 && (add_up(&change, key, number, &sum, &mine) ||
			    change_write(store, &change, sum.at, &mine)))
		result = -1;
	change_finish(&change);
	result = change_end(store, own, result, &mine);
	if (result == 1)
		buf_add(json, sum.at, sum.len);
	else if (result < 0 && err)
		*err = mine;
	buf_finish(&sum);
	return result;
}
