/* What is remembered about servers: values, paths into them, races, history. */
#include "lib/room/store_state.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/room/secret.h"
#include "lib/room/state_key.h"
#include "tests/unit/tap.h"

static struct home make_home(const char *root, const char *name)
{
	struct home home = {mem_format("%s/%s", root, name), mem_text(""), mem_text("share")};

	mkdir(home.dir, 0700);
	return home;
}

/* A store with the servers a, b and c. */
static struct store *make_store(const struct home *home)
{
	static const char text[] = "a--h--u\nb--h--u\nc--h--u";
	const struct import_args args = {.room = "p"};
	struct store *store = store_open(home, NULL);
	struct secret_box *box = secret_box_open(home, false, NULL);
	struct roster *roster = roster_parse("f", text, strlen(text));
	struct import_report report = IMPORT_REPORT_INIT;

	store_import(store, box, roster, &args, &report, NULL);
	import_report_finish(&report);
	roster_destroy(roster);
	secret_box_close(box);
	return store;
}

static void is_value(struct store *store, const char *id, const char *key, const char *want,
		     const char *name)
{
	struct err err = ERR_INIT;
	struct buf got = BUF_INIT;
	int found = store_state_get(store, id, key, &got, &err);

	tap_text(found == 1 ? got.at : found ? err.text : NULL, want, name);
	buf_finish(&got);
}

/* Sets, and says what is there afterwards. */
static void sets(struct store *store, const char *key, const char *json, const char *want,
		 const char *name)
{
	struct err err = ERR_INIT;

	if (store_state_set(store, "a", key, json, "test", &err))
		tap_text(err.text, want, name);
	else
		is_value(store, "a", key, want, name);
}

static void test_values(struct store *store)
{
	is_value(store, "a", "k", NULL, "nothing is remembered at first");
	sets(store, "k", " { \"x\" : [1, 2.50] } ", "{\"x\":[1,2.50]}",
	     "a value is kept without blanks, its numbers as written");
	sets(store, "k", "\"w\\u0000\"", "\"w\\u0000\"", "a string is JSON too");
	sets(store, "k", "null", "null", "and null is a value");
	sets(store, "k", NULL, NULL, "what is unset is gone");
	sets(store, "k", NULL, NULL, "unsetting it again is no error");
	sets(store, "k", "{x", "k: the value is no JSON", "what is no JSON is refused");
	tap_int(store_state_set(store, "root@10.0.0.1", "k", "1", "test", NULL), 0,
		"an address has no state, and that is no error");
	is_value(store, "root@10.0.0.1", "k", NULL, "nor is there any afterwards");
}

static void test_paths(struct store *store)
{
	sets(store, "p.web.port", "80", "80", "a path makes the objects it needs");
	is_value(store, "a", "p", "{\"web\":{\"port\":80}}", "and no more");
	sets(store, "p.web.list", "[1,[2,3]]", "[1,[2,3]]", "an array inside");
	is_value(store, "a", "p.web.list.1.0", "2", "numbers count in arrays");
	sets(store, "p.web.list.1.0", "{\"0\":7}", "{\"0\":7}", "and set there");
	is_value(store, "a", "p.web.list.1.0.0", "7", "in objects they are names");
	is_value(store, "a", "p.none.x", NULL, "a path that leads nowhere");
	sets(store, "p.web.port.x", "1", "p: the path leads through something that is no object",
	     "a path does not lead through a number");
	sets(store, "p.web.list", NULL, NULL, "a part can be unset");
	is_value(store, "a", "p", "{\"web\":{\"port\":80}}", "and only that part goes");
	sets(store, "p.a b-$[*].c", "1", "1", "blanks and SQLite's own signs are but names");
}

static void test_keys(void)
{
	static const char *const bad[] = {"",	 ".x",	 "a..b", "a.", "-a",
					  "a b", "a.\"", "a\n",	 "a=b"};
	struct state_key key;
	int taken = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		taken += !state_key_parse(&key, bad[i], NULL);
		state_key_finish(&key);
	}
	tap_int(taken, 0, "what is no key is refused");
	tap_ok(!state_key_parse(&key, "custom_cert_x:/@+-1.b.0", NULL) &&
		   !strcmp(key.name, "custom_cert_x:/@+-1") && key.path.count == 2 &&
		   !strcmp(key.path.at[1], "0"),
	       "a key and its path are told apart");
	state_key_finish(&key);
}

static void test_swap(struct store *store)
{
	tap_int(store_state_swap(store, "a", "s", "1", "2", "test", NULL), 0,
		"nothing there is not 1");
	tap_int(store_state_swap(store, "a", "s", NULL, "[1, 2]", "test", NULL), 1,
		"set where nothing was");
	tap_int(store_state_swap(store, "a", "s", NULL, "3", "test", NULL), 0,
		"only the first time");
	tap_int(store_state_swap(store, "a", "s", "[ 1,2 ]", "4", "test", NULL), 1,
		"blanks make no difference");
	tap_int(store_state_swap(store, "a", "s", "{bad", "5", "test", NULL), 0,
		"what is no JSON is not there");
	is_value(store, "a", "s", "4", "the value that was swapped in stays");
	tap_int(store_state_swap(store, "a", "s", "4", NULL, "test", NULL), 1, "a swap can unset");
	tap_int(store_state_swap(store, "zz", "s", NULL, "4", "test", NULL), 0, "no such server");
}

static void adds(struct store *store, int64_t number, int want, const char *text, const char *name)
{
	struct err err = ERR_INIT;
	struct buf got = BUF_INIT;

	tap_int(store_state_add(store, "a", "n", number, "test", &got, &err), want, name);
	tap_text(want < 0 ? err.text : got.at, text, name);
	buf_finish(&got);
}

static void test_add(struct store *store)
{
	adds(store, 5, 1, "5", "nothing counts as 0");
	adds(store, -7, 1, "-2", "and down");
	adds(store, INT64_MAX, 1, "9223372036854775805", "up to the largest");
	adds(store, 3, -1, "n of a would not fit 64 bits", "and no further");
	sets(store, "n", "1.5", "1.5", "a number that is no integer");
	adds(store, 1, -1, "n of a is 1.5, not an integer", "is not added to");
}

static int print_row(void *ctx, const struct state_row *row, struct err *err)
{
	if (!strcmp(row->key, "stop"))
		return err_set(err, STATUS_CONSOLE, "stopped");
	buf_format(ctx, "%s.%s=%s/%s ", row->id, row->key, row->json, row->changed_by);
	return 0;
}

static void walks(struct store *store, const char *id, const char *key, const char *want,
		  const char *name)
{
	struct buf got = BUF_INIT;

	store_state_each(store, id, key, print_row, &got, NULL);
	tap_text(got.at, want, name);
	buf_finish(&got);
}

static void test_walk(const struct home *home)
{
	struct store *store = make_store(home);
	struct buf got = BUF_INIT;

	store_state_set(store, "b", "y", "1", "test", NULL);
	store_state_set(store, "b", "x", "2", "health", NULL);
	store_state_set(store, "a", "y", "3", "test", NULL);
	walks(store, NULL, NULL, "a.y=3/test b.x=2/health b.y=1/test ", "all, by id and key");
	walks(store, "b", NULL, "b.x=2/health b.y=1/test ", "one server");
	walks(store, NULL, "y", "a.y=3/test b.y=1/test ", "one key");
	walks(store, "b", "y", "b.y=1/test ", "both");
	walks(store, "c", NULL, "", "nothing");
	store_state_set(store, "b", "stop", "1", "test", NULL);
	tap_int(store_state_each(store, NULL, NULL, print_row, &got, NULL), -1,
		"the callee can stop a walk");
	buf_finish(&got);
	store_close(store);
}

/* Rows of the history as "key old>value by;...", read by another connection. */
static char *history(const struct home *home)
{
	char *path = home_path(home, "mroom.db");
	struct buf got = BUF_INIT;
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;

	sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	sqlite3_prepare_v2(db,
			   "SELECT server || '.' || key || ' ' || coalesce(old, '-') || '>' || "
			   "coalesce(value, '-') || ' ' || changed_by FROM history ORDER BY row",
			   -1, &statement, NULL);
	while (sqlite3_step(statement) == SQLITE_ROW)
		buf_format(&got, "%s;", (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	free(path);
	return buf_detach(&got);
}

static void test_history(const struct home *home)
{
	struct store *store = make_store(home);
	char *got;

	store_state_set(store, "a", "k", "1", "test", NULL);
	store_state_set(store, "a", "k", " 1", "other", NULL);
	store_state_set(store, "a", "k", "2", "other", NULL);
	store_begin(store, NULL);
	store_state_set(store, "a", "k", "3", "undone", NULL);
	store_rollback(store);
	store_state_set(store, "a", "k", NULL, "test", NULL);
	got = history(home);
	tap_text(got, "a.k ->1 test;a.k 1>2 other;a.k 2>- test;",
		 "each change that stands is noted, and only changes are");
	free(got);
	store_close(store);
}

static void test_race(const struct home *home)
{
	enum { PROCESSES = 20, ROUNDS = 50 };
	struct store *store = make_store(home);
	int status, failed = 0;

	store_close(store);
	for (int i = 0; i < PROCESSES; i++) {
		if (fork())
			continue;
		store = store_open(home, NULL);
		for (int round = 0; round < ROUNDS; round++) {
			struct buf now = BUF_INIT;

			if (!store || store_state_add(store, "a", "n", 1, "test", &now, NULL) != 1)
				_exit(1);
			buf_finish(&now);
		}
		_exit(0);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	tap_int(failed, 0, "20 processes add at once");
	store = store_open(home, NULL);
	is_value(store, "a", "n", "1000", "and nothing is lost");
	store_close(store);
}

int main(void)
{
	char root[] = "/tmp/mroom-state.XXXXXX";
	char *command[] = {"rm", "-rf", root, NULL};
	struct home homes[4];
	struct store *store;

	if (!mkdtemp(root))
		return 1;
	for (int i = 0; i < 4; i++) {
		char name[2] = {(char)('0' + i), '\0'};

		homes[i] = make_home(root, name);
	}
	store = make_store(&homes[0]);
	test_values(store);
	test_paths(store);
	test_keys();
	test_swap(store);
	test_add(store);
	store_close(store);
	test_walk(&homes[1]);
	test_history(&homes[2]);
	test_race(&homes[3]);
	for (int i = 0; i < 4; i++)
		home_finish(&homes[i]);
	if (!fork())
		execvp(*command, command);
	wait(NULL);
	return tap_done();
}
