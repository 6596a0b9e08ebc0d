/* Names that the store has. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/complete/complete.h"
#include "lib/base/mem.h"
#include "lib/room/store_sql.h"

struct offering {
	const char *prefix, *front;
};

/* Kinds that are one question: a column of names, perhaps one of help. */
static const struct {
	const char *kind, *sql;
} questions[] = {
    {"rooms", "SELECT name FROM room ORDER BY name"},
    {"tags", "SELECT DISTINCT name FROM tag ORDER BY name"},
    {"groups", "SELECT name FROM room UNION SELECT name FROM tag ORDER BY 1"},
    {"tunnels", "SELECT name, type FROM tunnel ORDER BY name"},
    {"keys", "SELECT DISTINCT key FROM state UNION SELECT DISTINCT key FROM schedule ORDER BY 1"},
    {"metrics", "SELECT name FROM metric ORDER BY name"},
    {"anyone", "SELECT id FROM server ORDER BY id"},
    /* The journal has them as they are; states outlast it, but have _ for - and . of a name too. One seek for each
     * key: there may be a million states. */
    {"apps", "WITH RECURSIVE known (key) AS (SELECT min(key) FROM state UNION ALL SELECT "
	     "(SELECT min(key) FROM state WHERE key > known.key) FROM known WHERE key NOTNULL) "
	     "SELECT substr(command, 9) FROM (SELECT tool, command FROM run "
	     "ORDER BY run DESC LIMIT 10000) WHERE tool = 'deploy' AND command GLOB 'app run *' "
	     "UNION SELECT substr(key, 1, length(key) - 9) AS name FROM known "
	     "WHERE key GLOB '*_deployed' AND instr(name, '_') = 0 "
	     "AND name || '_version' IN known ORDER BY 1"},
    {"runs", "SELECT run, tool || ' ' || command FROM run ORDER BY run DESC LIMIT 200"},
};

/* Not made for the sake of completion. */
static struct store *stored(struct completion *completion)
{
	struct err err = ERR_INIT;
	char *path;

	if (!completion->store && completion->home.dir) {
		path = home_path(&completion->home, "mroom.db");
		if (!access(path, F_OK))
			completion->store = store_open(&completion->home, &err);
		free(path);
	}
	return completion->store;
}

static int no_names(void *ctx, const char *const *names, size_t count, struct err *err)
{
	(void)ctx;
	(void)names;
	(void)count;
	(void)err;
	return 0;
}

static int offer_row(void *ctx, const struct sql_cell *cells, size_t count, struct err *err)
{
	const struct offering *offering = ctx;

	(void)err;
	if (cells[0].text)
		offer(offering->front, cells[0].text, offering->prefix,
		      count > 1 ? cells[1].text : NULL);
	return 0;
}

/* A container that a checkup found in trouble, {"check":"container:NAME",...: checkups are our own JSON. */
static int take_checkup(void *ctx, const struct sql_cell *cells, size_t count, struct err *err)
{
	static const char mark[] = "\"check\":\"container:";
	struct list *names = ctx;

	(void)count;
	(void)err;
	for (const char *at = cells[0].text ? strstr(cells[0].text, mark) : NULL; at;
	     at = strstr(at, mark)) {
		at += strlen(mark);
		list_add_n(names, at, strcspn(at, "\""));
	}
	return 0;
}

/* Containers that a run of mroom docker was about: "restart web db". */
static int take_command(void *ctx, const struct sql_cell *cells, size_t count, struct err *err)
{
	static const char verbs[] = "start stop restart rm logs inspect stats";
	struct list words = LIST_INIT, known = LIST_INIT, *names = ctx;

	(void)count;
	(void)err;
	list_split(&words, cells[0].text ? cells[0].text : "", ' ');
	list_split(&known, verbs, ' ');
	for (size_t i = 1; i < words.count && list_has(&known, words.at[0]); i++)
		if (isalnum((unsigned char)*words.at[i]) && !strpbrk(words.at[i], "*?[/:="))
			list_add(names, words.at[i]);
	list_finish(&words);
	list_finish(&known);
	return 0;
}

/* The image that one was about: "send app:2 TARGETS", "pull OPTIONS app:2". The value of an option is none. */
static int take_image(void *ctx, const struct sql_cell *cells, size_t count, struct err *err)
{
	struct list words = LIST_INIT;
	const char *image = "-";

	(void)count;
	(void)err;
	list_split(&words, cells[0].text ? cells[0].text : "", ' ');
	if (words.count > 1 && !strcmp(words.at[0], "send"))
		image = words.at[1];
	else if (words.count > 1 && !strcmp(words.at[0], "pull"))
		image = words.at[words.count - 1];
	if (*image != '-')
		list_add(ctx, image);
	list_finish(&words);
	return 0;
}

/* Containers, or images, that there was work on. */
static void offer_worked_on(struct store *store, const struct offering *offering, bool images)
{
	static const struct sql_reader checkups = {no_names, take_checkup};
	const struct sql_reader commands = {no_names, images ? take_image : take_command};
	struct list names = LIST_INIT;
	struct err err = ERR_INIT;

	if (!images)
		store_sql(store,
			  "SELECT found FROM checkup WHERE instr(found, "
			  "'\"check\":\"container:') > 0",
			  &checkups, &names, &err);
	store_sql(store,
		  "SELECT command FROM run WHERE tool = 'docker' ORDER BY run DESC LIMIT 200",
		  &commands, &names, &err);
	list_sort(&names);
	for (size_t i = 0; i < names.count; i++)
		if (i == 0 || strcmp(names.at[i], names.at[i - 1]) != 0)
			offer(offering->front, names.at[i], offering->prefix, NULL);
	list_finish(&names);
}

static int offer_server(void *ctx, const struct server *server, struct err *err)
{
	const struct offering *offering = ctx;

	(void)err;
	offer(offering->front, server->id, offering->prefix, NULL);
	return 0;
}

/* The store looks for those that begin so, which is quick where there are many. */
static void offer_servers(struct store *store, struct offering *offering)
{
	char *glob = mem_format("%s*", offering->prefix);
	struct server_query query = {.glob = glob, .ids_only = true};
	struct err err = ERR_INIT;

	if (!strpbrk(offering->prefix, "*?["))
		store_server_each(store, &query, offer_server, offering, &err);
	free(glob);
}

bool offer_stored(struct completion *completion, const char *kind, const char *prefix,
		  const char *front)
{
	static const struct sql_reader reader = {no_names, offer_row};
	struct offering offering = {prefix, front};
	const char *sql = NULL;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++)
		if (!strcmp(questions[i].kind, kind))
			sql = questions[i].sql;
	if (!sql && strcmp(kind, "servers") != 0 && strcmp(kind, "containers") != 0 &&
	    strcmp(kind, "images") != 0)
		return false;
	if (!stored(completion))
		return true;
	if (sql)
		store_sql(completion->store, sql, &reader, &offering, &err);
	else if (*kind != 's')
		offer_worked_on(completion->store, &offering, *kind == 'i');
	else
		offer_servers(completion->store, &offering);
	return true;
}
