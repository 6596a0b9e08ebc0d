#include "lib/room/store.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/journal.h"
#include "lib/room/secret.h"
#include "tests/unit/tap.h"

/* A home of its own for each test, below the one directory that main makes. */
static struct home make_home(const char *root, const char *name)
{
	struct home home = {mem_format("%s/%s", root, name), mem_text(""), mem_text("share")};

	mkdir(home.dir, 0700);
	return home;
}

static int mode_of(const struct home *home, const char *name)
{
	char *path = home_path(home, name);
	struct stat st;
	int mode = stat(path, &st) ? -1 : (int)(st.st_mode & 07777);

	free(path);
	return mode;
}

/* Imports text as a room; -1 when the store refused. */
static int import_text(struct store *store, struct secret_box *box, const char *room,
		       const char *text, enum import_gone gone, struct import_report *report,
		       struct err *err)
{
	const struct import_args args = {.room = room, .gone = gone};
	struct roster *roster = roster_parse("f", text, strlen(text));
	int result = store_import(store, box, roster, &args, report, err);

	roster_destroy(roster);
	return result;
}

/* What a report says, in one line: "added changed moved unchanged|id action fields from|...". */
static void is_import(struct store *store, struct secret_box *box, const char *room,
		      const char *text, enum import_gone gone, const char *want, const char *name)
{
	struct import_report report = IMPORT_REPORT_INIT;
	struct err err = ERR_INIT;
	struct buf got = BUF_INIT;

	if (import_text(store, box, room, text, gone, &report, &err))
		buf_text(&got, err.text);
	else
		buf_format(&got, "%ld %ld %ld %ld", report.added, report.changed, report.moved,
			   report.unchanged);
	for (size_t i = 0; i < report.change_count; i++) {
		const struct import_change *change = &report.changes[i];

		buf_format(&got, "|%s %s", change->id, import_action_name(change->action));
		if (change->fields)
			buf_char(&got, ' ');
		import_field_names(&got, change->fields);
		if (change->from)
			buf_format(&got, " from %s", change->from);
	}
	tap_text(got.at, want, name);
	buf_finish(&got);
	import_report_finish(&report);
}

static int add_line(void *ctx, const struct server *server, struct err *err)
{
	(void)err;
	buf_format(ctx, "%s%s:%ld", ((struct buf *)ctx)->len ? " " : "", server->id,
		   server->position);
	return 0;
}

/* The servers a query yields are "id:position id:position". */
static void yields(struct store *store, struct server_query query, const char *want,
		   const char *name)
{
	struct buf got = BUF_INIT;
	struct err err = ERR_INIT;

	if (store_server_each(store, &query, add_line, &got, &err))
		buf_text(&got, err.text);
	tap_text(got.at, want, name);
	buf_finish(&got);
}

static void test_open(const char *root)
{
	struct home home = make_home(root, "open");
	struct home elsewhere = {mem_text(home.dir), mem_text(""), mem_text("/nonexistent")};
	struct err err = ERR_INIT;
	struct store *store = store_open(&home, &err);
	struct store *second = store_open(&elsewhere, &err);

	if (!tap_ok(store, "a home without a database gets one"))
		printf("#  %s\n", err.text);
	tap_ok(second, "a migrated database opens without a look at the schema files");
	tap_int(mode_of(&home, "mroom.db"), 0600, "the database is mode 0600");
	tap_int(mode_of(&home, "mroom.db-wal"), 0600, "its write-ahead log too");
	tap_int(mode_of(&home, "mroom.db-shm"), 0600, "and its index");
	store_close(second);
	store_close(store);
	home_finish(&elsewhere);
	home_finish(&home);
}

/* A database file of these bytes is refused, with this reason and its path. */
static void refuses_file(const char *root, const char *bytes, size_t size, const char *why,
			 const char *name)
{
	struct home home = make_home(root, "refused");
	char *path = home_path(&home, "mroom.db");
	struct err err = ERR_INIT;
	struct store *store;

	io_replace_file(path, bytes, size, 0600, NULL);
	store = store_open(&home, &err);
	if (!tap_ok(!store && err.status == STATUS_CONSOLE && strstr(err.text, why) &&
			strstr(err.text, path),
		    name))
		printf("#  %s\n", err.text);
	store_close(store);
	free(path);
	home_finish(&home);
}

static void test_refused(const char *root)
{
	struct home home = make_home(root, "newer");
	char *path = home_path(&home, "mroom.db");
	struct buf bytes = BUF_INIT;
	char *noise = mem_alloc(8192);
	char *versions = mem_format("schema 99; this one knows up to %d", STORE_SCHEMA);

	memset(noise, 'x', 8192);
	refuses_file(root, noise, 8192, "file is not a database (move the file away",
		     "a text file");
	store_close(store_open(&home, NULL));
	io_read_file(path, 1 << 20, &bytes, NULL);
	bytes.at[63] = 99; /* user_version, big-endian at 60 */
	refuses_file(root, bytes.at, bytes.len, versions,
		     "a database of a newer mroom names both versions");
	bytes.at[63] = STORE_SCHEMA;
	bytes.at[100] = 'x'; /* the first page's kind */
	refuses_file(root, bytes.at, bytes.len, "malformed", "a damaged database");
	buf_finish(&bytes);
	free(versions);
	free(noise);
	free(path);
	home_finish(&home);
}

/* Many processes open a new home at once: all must succeed. */
static void test_first_opens(const char *root)
{
	enum { PROCESSES = 40 };
	struct home home = make_home(root, "race");
	int go[2];
	int failed = 0, status;

	if (pipe(go))
		return;
	for (int i = 0; i < PROCESSES; i++) {
		if (!fork()) {
			struct err err = ERR_INIT;
			struct store *store;
			char byte;

			close(go[1]);
			if (read(go[0], &byte, 1) != 0)
				_exit(1);
			store = store_open(&home, &err);
			if (!store || store_secret_set(store, "k", "n", "s", 1, &err)) {
				printf("#  %s\n", err.text);
				fflush(stdout);
				_exit(1);
			}
			store_close(store);
			_exit(0);
		}
	}
	close(go[0]);
	close(go[1]);
	while (wait(&status) > 0 || errno == EINTR)
		failed += status != 0;
	tap_int(failed, 0, "40 processes open and migrate a new home at once");
	home_finish(&home);
}

static void test_import(const char *root)
{
	struct home home = make_home(root, "import");
	struct store *store = store_open(&home, NULL);
	struct secret_box *box = secret_box_open(&home, false, NULL);
	struct buf text = BUF_INIT;
	struct server server;

	is_import(store, box, "p",
		  "#t--SSH--gate--jump--tpw\nb--h--u--pw\na--h--u--pw--2222--/k\nc--h--u",
		  IMPORT_KEEP, "3 0 0 0|b added|a added|c added", "a first import adds all");
	yields(store, (struct server_query){.glob = NULL}, "b:0 a:1 c:2", "in file order, from 0");
	is_import(store, box, "p",
		  "#t--SSH--gate--jump--tpw\nb--h--u--pw\na--h--u--pw--2222--/k\nc--h--u",
		  IMPORT_KEEP, "0 0 0 3", "the same again changes nothing");
	is_import(store, box, "p", "#t--SSH--gate--jump--\nc--h--u\na--h--u----2222--/k\nb--h--u",
		  IMPORT_KEEP, "0 0 0 3", "another order, and empty passwords, change nothing");
	yields(store, (struct server_query){.glob = NULL}, "c:0 a:1 b:2", "but the order is kept");
	tap_ok(secret_get(box, store, SECRET_SERVER_PASSWORD, "a", &text, NULL) == 1 &&
		   buf_equals(&text, "pw"),
	       "an empty password keeps the stored one");
	buf_clear(&text);
	tap_ok(secret_get(box, store, SECRET_TUNNEL_PASSWORD, "t", &text, NULL) == 1 &&
		   buf_equals(&text, "tpw"),
	       "a tunnel's too");
	is_import(store, box, "p",
		  "c--h2--v--pw--23--/k2\n#t--SSH--gate2--jump--tpw2\na--h--u----2222--/k",
		  IMPORT_KEEP, "0 1 0 1|c changed host,port,user,key,tunnel,password|b gone",
		  "changes are named, and who is gone from the file");
	yields(store, (struct server_query){.glob = NULL}, "c:0 a:1 b:2",
	       "who is gone stays, at the end");
	tap_int(store_server_get(store, "a", &server, NULL), 1, "a server is found by id");
	tap_ok(!strcmp(server.host, "h") && server.port == 2222 && !strcmp(server.user, "u") &&
		   !strcmp(server.key, "/k") && !strcmp(server.room, "p") && server.position == 1 &&
		   !strcmp(server.tunnel, "t") && !server.tags && !server.retired &&
		   !server.description && server.row > 0,
	       "with all that is known of it");
	server_finish(&server);
	tap_int(store_server_get(store, "A", &server, NULL), 0, "ids differ by case");
	is_import(store, box, "p", "c--h2--v--pw--23--/k2\na--h--u----2222--/k", IMPORT_RETIRE,
		  "0 1 0 1|a changed tunnel|b retired", "--retire retires who is gone");
	yields(store, (struct server_query){.glob = NULL}, "c:0 a:1",
	       "retired ones do not come out");
	yields(store, (struct server_query){.with_retired = true}, "c:0 a:1 b:2",
	       "unless asked for");
	yields(store, (struct server_query){.only_retired = true}, "b:2", "or alone");
	is_import(store, box, "p", "c--h2--v\na--h--u----2222--/k", IMPORT_KEEP,
		  "0 1 0 1|c changed port,key", "a retired server that is gone is no news");
	is_import(store, box, "p", "#c\n", IMPORT_PRUNE,
		  "no server in the file: that would remove the whole room",
		  "a file without servers prunes nothing");
	is_import(store, box, "p", "a--h--u----2222--/k\nb--h--u", IMPORT_PRUNE,
		  "0 1 0 1|b changed tunnel|c removed",
		  "--prune removes who is gone; a retired one stays retired");
	yields(store, (struct server_query){.with_retired = true}, "a:0 b:1", "and only it");
	buf_clear(&text);
	tap_int(secret_get(box, store, SECRET_SERVER_PASSWORD, "c", &text, NULL), 0,
		"with its password");
	is_import(store, box, "q", "x--h--u\na--h--u", IMPORT_KEEP,
		  "1 0 1 0|x added|a moved port,key,room from p", "a server of another room moves");
	yields(store, (struct server_query){.with_retired = true}, "b:0 x:0 a:1",
	       "the room it left closes its ranks");
	is_import(store, box, "q", "x--h--u\na--h--u\nb--h--u", IMPORT_KEEP,
		  "0 0 1 2|b moved room from p", "the last one moves");
	tap_int(store_room_exists(store, "p", NULL), 0, "and a room without servers is no more");
	buf_wipe(&text);
	secret_box_close(box);
	store_close(store);
	home_finish(&home);
}

static void test_dry_run(const char *root)
{
	struct home home = make_home(root, "dry");
	struct store *store = store_open(&home, NULL);
	struct secret_box *box = secret_box_open(&home, false, NULL);
	const struct import_args args = {.room = "p", .dry_run = true};
	struct roster *roster = roster_parse("f", "a--h--u--pw", 11);
	struct import_report report = IMPORT_REPORT_INIT;

	tap_ok(!store_import(store, box, roster, &args, &report, NULL) && report.added == 1,
	       "a dry run reports what it would do");
	yields(store, (struct server_query){.glob = NULL}, "", "and does nothing");
	tap_int(mode_of(&home, "secret.key"), -1, "not even a key file");
	import_report_finish(&report);
	roster_destroy(roster);
	secret_box_close(box);
	store_close(store);
	home_finish(&home);
}

static void test_lost_key(const char *root)
{
	struct home home = make_home(root, "lost");
	struct store *store = store_open(&home, NULL);
	struct secret_box *box = secret_box_open(&home, false, NULL);
	char *path = home_path(&home, "secret.key");
	struct buf text = BUF_INIT;

	is_import(store, box, "p", "a--h--u--pw\nb--h--u--pw", IMPORT_KEEP,
		  "2 0 0 0|a added|b added", "passwords are sealed");
	secret_box_close(box);
	unlink(path);
	box = secret_box_open(&home, false, NULL);
	is_import(store, box, "p", "a--h--u--pw\nb--h--u", IMPORT_KEEP,
		  "0 1 0 1|a changed password",
		  "after the key was lost an import seals anew what it has");
	tap_ok(secret_get(box, store, SECRET_SERVER_PASSWORD, "a", &text, NULL) == 1 &&
		   buf_equals(&text, "pw"),
	       "and that opens");
	tap_int(secret_get(box, store, SECRET_SERVER_PASSWORD, "b", &text, NULL), -1,
		"what it has not stays lost");
	buf_wipe(&text);
	free(path);
	secret_box_close(box);
	store_close(store);
	home_finish(&home);
}

static void test_queries(const char *root)
{
	struct home home = make_home(root, "query");
	struct store *store = store_open(&home, NULL);
	struct secret_box *box = secret_box_open(&home, false, NULL);
	struct list names = LIST_INIT;
	char *joined;
	long count;

	is_import(store, box, "z", "web-1--h--u\nweb-2--h--u\ndb--h--u", IMPORT_KEEP,
		  "3 0 0 0|web-1 added|web-2 added|db added", "a room");
	is_import(store, box, "a", "web-3--h--u\n#v--SSH--h--u--p", IMPORT_KEEP,
		  "1 0 0 0|web-3 added", "another");
	yields(store, (struct server_query){.glob = NULL}, "web-3:0 web-1:0 web-2:1 db:2",
	       "rooms come by name, servers by position");
	yields(store, (struct server_query){.glob = "web-*"}, "web-3:0 web-1:0 web-2:1", "a glob");
	yields(store, (struct server_query){.glob = "??"}, "db:2", "question marks");
	yields(store, (struct server_query){.glob = "web-[12]"}, "", "brackets are themselves");
	yields(store, (struct server_query){.room = "z"}, "web-1:0 web-2:1 db:2", "a room");
	yields(store, (struct server_query){.room = "z", .glob = "w*"}, "web-1:0 web-2:1",
	       "room and glob");
	yields(store, (struct server_query){.room_or_tag = "a"}, "web-3:0", "@name: a room");
	yields(store, (struct server_query){.room_or_tag = "none"}, "", "@name: nothing");
	tap_ok(!store_room_count(store, "z", &count, NULL) && count == 3, "a room's size");
	tap_int(store_room_exists(store, "z", NULL), 1, "a room that exists");
	tap_int(store_tag_exists(store, "z", NULL), 0, "a tag that does not");
	store_room_names(store, &names, NULL);
	store_tunnel_names(store, &names, NULL);
	store_tag_names(store, &names, NULL);
	joined = list_join(&names, " ");
	tap_text(joined, "a z v", "names of rooms and tunnels");
	free(joined);
	list_finish(&names);
	secret_box_close(box);
	store_close(store);
	home_finish(&home);
}

static void test_transactions(const char *root)
{
	struct home home = make_home(root, "transaction");
	struct store *store = store_open(&home, NULL);
	struct buf bytes = BUF_INIT;

	store_begin(store, NULL);
	store_secret_set(store, "k", "n", "abc", 3, NULL);
	store_rollback(store);
	tap_int(store_secret_get(store, "k", "n", &bytes, NULL), 0, "a rollback undoes");
	store_rollback(store);
	store_begin(store, NULL);
	store_secret_set(store, "k", "n", "abc", 3, NULL);
	store_secret_set(store, "k", "n", "d\0f", 3, NULL);
	tap_int(store_commit(store, NULL), 0, "a commit succeeds");
	tap_int(store_secret_get(store, "k", "n", &bytes, NULL), 1, "and stays");
	tap_bytes(bytes.at, bytes.len, "d\0f", 3, "the last value wins, whatever its bytes");
	store_secret_remove(store, "k", "n", NULL);
	tap_int(store_secret_get(store, "k", "n", &bytes, NULL), 0, "a removed secret is gone");
	buf_finish(&bytes);
	store_close(store);
	home_finish(&home);
}

static void test_journal(const char *root)
{
	struct home home = make_home(root, "journal");
	struct store *store = store_open(&home, NULL);
	struct err err = ERR_INIT;
	const struct console console = {.store = store};
	struct journal *journal =
	    journal_begin(&(struct journal_args){&console, "exec", "uptime", NULL}, &err);
	struct journal *next =
	    journal_begin(&(struct journal_args){&console, "exec", "true", NULL}, &err);
	int failed = 0;

	tap_ok(journal && next && journal_run(next) == journal_run(journal) + 1,
	       "runs are numbered one after the other");
	for (int i = 0; i < 450; i++) {
		char id[16];
		const struct result_row row = {id, "ok", NULL, NULL, i % 2 ? 0 : -1, 1, 2};

		snprintf(id, sizeof(id), "web-%d", i);
		failed += journal_result(journal, &row, &err) != 0;
	}
	tap_int(failed, 0, "results of several batches are taken");
	failed =
	    journal_result(next, &(struct result_row){"a", "failed", "exit", "1", 1, 1, 2}, &err);
	failed |= journal_result(next, &(struct result_row){"a", "ok", NULL, NULL, 0, 1, 2}, &err);
	tap_int(failed, 0, "a server's second result replaces the first");
	tap_int(journal_end(journal, 0, &err), 0, "a run ends");
	tap_int(journal_end(next, 1, &err), 0, "and another");
	store_close(store);
	home_finish(&home);
}

int main(void)
{
	char root[] = "/tmp/mroom-store.XXXXXX";
	char *command[] = {"rm", "-rf", root, NULL};

	if (!mkdtemp(root))
		return 1;
	test_open(root);
	test_refused(root);
	test_first_opens(root);
	test_import(root);
	test_dry_run(root);
	test_lost_key(root);
	test_queries(root);
	test_transactions(root);
	test_journal(root);
	if (!fork())
		execvp(*command, command);
	wait(NULL);
	return tap_done();
}
