/* Picking: what is named comes out once, in order; standard input is taken in as it arrives. */
#include "lib/room/pick.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/room/roster.h"
#include "lib/room/secret.h"
#include "tests/unit/tap.h"

struct place {
	char dir[64];
	struct home home;
	struct store *store;
};

static void import(struct place *place, struct secret_box *box, const char *room, const char *text)
{
	const struct import_args args = {.room = room};
	struct import_report report = IMPORT_REPORT_INIT;
	struct roster *roster = roster_parse(room, text, strlen(text));
	struct err err = ERR_INIT;

	if (store_import(place->store, box, roster, &args, &report, &err)) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	import_report_finish(&report);
	roster_destroy(roster);
}

static void place_open(struct place *place)
{
	struct err err = ERR_INIT;
	struct secret_box *box;

	memcpy(place->dir, "/tmp/mroom-pick.XXXXXX", sizeof("/tmp/mroom-pick.XXXXXX"));
	if (!mkdtemp(place->dir))
		abort();
	setenv("MROOM_HOME", place->dir, 1);
	home_find(&place->home, &err);
	place->store = store_open(&place->home, &err);
	box = place->store ? secret_box_open(&place->home, true, &err) : NULL;
	if (!box) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	import(place, box, "web", "web-01--h1--u\nweb-02--h2--u\nweb-03--h3--u\n");
	import(place, box, "db", "db-2--h4--u\ndb-1--h5--u\n");
	secret_box_close(box);
}

static void place_close(struct place *place)
{
	static const char *const names[] = {"mroom.db", "mroom.db-wal", "mroom.db-shm", "secret.key",
					    "key"};

	store_close(place->store);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *path = home_path(&place->home, names[i]);

		unlink(path);
		free(path);
	}
	rmdir(place->dir);
	home_finish(&place->home);
}

/* What came out, comma-joined; the callback fails at the id in `stop`. */
struct log {
	struct buf ids;
	const char *stop;
};

static int note(void *ctx, const struct server *server, struct err *err)
{
	struct log *log = ctx;

	if (log->stop && !strcmp(log->stop, server->id))
		return err_set(err, STATUS_CONSOLE, "stopped");
	buf_format(&log->ids, "%s%s", log->ids.len ? "," : "", server->id);
	return 0;
}

static void forget(struct log *log)
{
	buf_finish(&log->ids);
	log->stop = NULL;
}

static struct pick *picks(struct place *place, struct pick_args *args, const char *where,
			  struct log *log)
{
	struct err err = ERR_INIT;

	if (where)
		list_add(&args->where, where);
	return pick_create(place->store, args, NULL, 0, PICK_ACT, note, log, &err);
}

static void test_order(struct place *place)
{
	struct pick_args args = {.all = false};
	struct log log = {BUF_INIT, NULL};
	struct err err = ERR_INIT;
	struct pick *pick = picks(place, &args, "web-03,@db,web-[01-03]", &log);

	tap_int(pick_resolve(pick, &err), 0, "a list is resolved");
	tap_text(log.ids.at, "web-03,db-2,db-1,web-01,web-02", "in the order named, each once");
	tap_int((long long)pick_count(pick), 5, "and counted");
	tap_ok(!pick_reads_stdin(pick), "standard input has no part in it");
	tap_int(pick_end(pick, &err), 0, "and its end means nothing");
	pick_destroy(pick);
	pick_args_finish(&args);
	forget(&log);
}

static void test_nothing_before_all_is_good(struct place *place)
{
	struct pick_args args = {.all = true};
	struct log log = {BUF_INIT, NULL};
	struct err err = ERR_INIT;
	struct pick *pick = picks(place, &args, "web-01,web-04", &log);

	tap_int(pick_resolve(pick, &err), -1, "an unknown id is an error");
	tap_int(err.status, STATUS_USAGE, "of usage");
	tap_text(err.text, "no server 'web-04' (did you mean web-01?)", "that says what may be meant");
	tap_text(log.ids.at, "", "nothing is handed out then");
	pick_destroy(pick);
	pick_args_finish(&args);
	forget(&log);
}

static void test_exclusion(struct place *place)
{
	struct pick_args args = {.all = true};
	struct log log = {BUF_INIT, NULL};
	struct err err = ERR_INIT;
	struct pick *pick;

	list_add(&args.exclude, "web-[02-99],h5:22");
	list_add(&args.exclude, "@db");
	pick = picks(place, &args, NULL, &log);
	tap_int(pick_resolve(pick, &err), 0, "exclusion takes the same grammar");
	tap_text(log.ids.at, "web-01", "and leaves the others");
	pick_destroy(pick);
	pick_args_finish(&args);
	forget(&log);
	args = (struct pick_args){.all = true};
	list_add(&args.exclude, "root@h5:22");
	pick = picks(place, &args, NULL, &log);
	pick_resolve(pick, &err);
	tap_text(log.ids.at, "db-2,web-01,web-02,web-03", "an address excludes the server that lives there");
	pick_destroy(pick);
	pick_args_finish(&args);
	forget(&log);
}

static void test_stream(struct place *place)
{
	static const char bytes[] = "# a comment\nweb-02\tok\t0\n\n{\"id\":\"db-1\",\"x\":1}\r\n"
				    "web-02\nu@9.9.9.9:2222\ndb-2";
	struct pick_args args = {.all = false};
	struct log log = {BUF_INIT, NULL};
	struct err err = ERR_INIT;
	struct pick *pick = picks(place, &args, "-,web-01", &log);
	int bad = pick_resolve(pick, &err);

	tap_ok(!bad && pick_reads_stdin(pick), "- asks for standard input");
	tap_text(log.ids.at, "web-01", "what else is named comes out at once");
	for (size_t i = 0; i + 1 < sizeof(bytes); i++) {
		bad |= pick_feed(pick, bytes + i, 1, &err);
		if (bytes[i] == '\t')
			tap_text(log.ids.at, "web-01", "nothing while the line has not ended");
		if (bytes[i] == '{')
			tap_text(log.ids.at, "web-01,web-02", "and at once when it has");
	}
	tap_text(log.ids.at, "web-01,web-02,db-1,u@9.9.9.9:2222",
		 "ids of records, JSON and addresses, each once");
	bad |= pick_end(pick, &err);
	tap_text(log.ids.at, "web-01,web-02,db-1,u@9.9.9.9:2222,db-2", "a last line without newline");
	tap_int(bad, 0, "all without an error");
	pick_destroy(pick);
	pick_args_finish(&args);
	forget(&log);
}

static void refuses(struct place *place, const char *bytes, const char *want, const char *before,
		    const char *name)
{
	struct pick_args args = {.all = false};
	struct log log = {BUF_INIT, NULL};
	struct err err = ERR_INIT;
	struct pick *pick = picks(place, &args, "-", &log);

	pick_resolve(pick, &err);
	tap_int(pick_feed(pick, bytes, strlen(bytes), &err), -1, name);
	tap_text(err.text, want, name);
	tap_text(log.ids.at, before, name);
	pick_destroy(pick);
	pick_args_finish(&args);
	forget(&log);
}

static void test_bad_streams(struct place *place)
{
	refuses(place, "web-01\nweb-9\ndb-1\n",
		"standard input:2: no server 'web-9' (did you mean web-01?)", "web-01",
		"an unknown id names its line, those before it come out");
	refuses(place, "\tx\n", "standard input:1: the first field, the server's id, is empty", "",
		"a line without an id");
	refuses(place, "web-*\n", "standard input:1: no server 'web-*' (did you mean web-01?)", "",
		"a glob is no id");
	refuses(place, "{\"host\":1}\n", "standard input:1: the JSON object has no \"id\"", "",
		"JSON without an id");
}

static void test_callback(struct place *place)
{
	struct pick_args args = {.all = true};
	struct log log = {BUF_INIT, "web-02"};
	struct err err = ERR_INIT;
	struct pick *pick = picks(place, &args, NULL, &log);

	tap_int(pick_resolve(pick, &err), -1, "what the callback refuses ends it");
	tap_text(err.text, "stopped", "with its own words");
	tap_text(log.ids.at, "db-2,db-1,web-01", "after those before");
	pick_destroy(pick);
	forget(&log);
	log.stop = "web-02";
	list_add(&args.where, "-");
	args.all = false;
	pick = picks(place, &args, NULL, &log);
	pick_resolve(pick, &err);
	tap_int(pick_feed(pick, "web-01\nweb-02\nweb-03\n", 21, &err), -1, "in a stream as well");
	tap_text(err.text, "stopped", "without naming a line");
	tap_text(log.ids.at, "web-01", "nothing comes behind it");
	pick_destroy(pick);
	pick_args_finish(&args);
	forget(&log);
}

int main(void)
{
	struct place place;

	place_open(&place);
	test_order(&place);
	test_nothing_before_all_is_good(&place);
	test_exclusion(&place);
	test_stream(&place);
	test_bad_streams(&place);
	test_callback(&place);
	place_close(&place);
	return tap_done();
}
