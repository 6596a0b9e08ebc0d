/*
 * @SOURCE:GROUP: an executable $MROOM_HOME/sources/SOURCE is asked for GROUP and prints servers,
 * ids of the inventory or records (id host port user key) of others.
 */
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/flow/record.h"
#include "lib/room/pick_words.h"

#define ANSWER_MAX ((size_t)64 << 20)

enum { ID, HOST, PORT, USER, KEY, FIELDS };

/* What a record says, NULL where it says nothing. */
struct said {
	const char *at[FIELDS];
	char port[24];
	json_t *object; /* that the texts belong to, or NULL */
};

static const char *field(const struct record *record, size_t at)
{
	return at < record->count && record->fields[at].len ? record->fields[at].at : NULL;
}

static void read_object(const char *text, struct said *said)
{
	static const char *const names[FIELDS] = {"id", "host", "port", "user", "key"};
	json_t *value;

	said->object = json_loads(text, 0, NULL);
	for (size_t i = HOST; i < FIELDS; i++) {
		value = json_object_get(said->object, names[i]);
		if (json_is_string(value) && json_string_length(value))
			said->at[i] = json_string_value(value);
	}
	value = json_object_get(said->object, "port");
	if (json_is_integer(value)) {
		snprintf(said->port, sizeof(said->port), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
		said->at[PORT] = said->port;
	}
}

static void read_record(const struct record *record, struct said *said)
{
	for (size_t i = 0; i < FIELDS; i++)
		said->at[i] = field(record, i);
	/* A JSON line is its id and the whole object. */
	if (record->count == 2 && record->fields[1].len && *record->fields[1].at == '{') {
		said->at[HOST] = NULL;
		read_object(record->fields[1].at, said);
	}
}

/* A server that only the source knows. */
static int take_stranger(struct pick_words *words, const struct said *said, struct err *err)
{
	struct server server;

	server_init(&server);
	if (server_check_id(said->at[ID], err) || server_check_host(said->at[HOST], err) ||
	    (said->at[USER] && server_check_user(said->at[USER], err)) ||
	    (said->at[PORT] && num_parse(said->at[PORT], 1, 65535, &server.port, err)))
		return -1;
	server.id = (char *)(uintptr_t)said->at[ID];
	server.host = (char *)(uintptr_t)said->at[HOST];
	server.user = (char *)(uintptr_t)said->at[USER];
	server.key = (char *)(uintptr_t)said->at[KEY];
	pick_words_take(words, &server);
	return 0;
}

static int take_said(struct pick_words *words, const struct said *said, struct err *err)
{
	struct server server;
	int found;

	if (!said->at[ID])
		return err_set(err, STATUS_USAGE, "the first field, the server's id, is empty");
	found = store_server_get(words->store, said->at[ID], &server, err);
	if (!found && said->at[HOST])
		return take_stranger(words, said, err);
	if (!found)
		found = pick_server(words->store, words->ssh, said->at[ID], &server, err);
	if (found < 1)
		return found ? -1
			     : err_set(err, STATUS_USAGE, "no server '%.100s', and no host for it",
				       said->at[ID]);
	/* A group, like a room, leaves retired servers out. */
	if (!server.retired || words->exclude || words->retired)
		pick_words_take(words, &server);
	server_finish(&server);
	return 0;
}

static int take_record(void *ctx, const struct record *record, struct err *err)
{
	struct said said = {.object = NULL};
	int result;

	read_record(record, &said);
	result = take_said(ctx, &said, err);
	json_decref(said.object);
	return result ? err_prefix(err, "%s:%ld", record->source, record->line) : 0;
}

static int read_answer(struct pick_words *words, const char *source, const struct buf *answer,
		       struct err *err)
{
	struct record_reader *reader = record_reader_create(source, 0, take_record, words);
	int result = record_feed(reader, answer->at, answer->len, err);

	if (!result)
		result = record_end(reader, err);
	record_reader_destroy(reader);
	return result;
}

int pick_source(struct pick_words *words, const char *text, struct err *err)
{
	const char *colon = strchr(text, ':');
	char *name = mem_text_n(text, (size_t)(colon - text));
	char *beside = mem_format("sources/%s", name);
	char *path = store_beside(words->store, beside);
	const char *const argv[] = {path, colon + 1, NULL};
	struct buf answer = BUF_INIT;
	int result = -1;

	if (server_check_name("source", name, err))
		goto out;
	if (!colon[1])
		err_set(err, STATUS_USAGE, "'@%s' lacks the name of a group", text);
	else if (access(path, F_OK))
		err_set(err, STATUS_USAGE, "no source '%s' (it would be the executable %s)", name,
			path);
	else if (!child_read(argv, ANSWER_MAX, &answer, err))
		result = read_answer(words, name, &answer, err);
out:
	buf_finish(&answer);
	free(path);
	free(beside);
	free(name);
	return result;
}
