#include "lib/room/pick_words.h"

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/flow/range.h"
#include "lib/room/outcome.h"

/* More bytes of targets in one file are a mistake. */
#define FILE_MAX ((size_t)64 << 20)

static void take(struct pick_words *words, const struct server *server)
{
	if (words->exclude)
		pick_set_exclude(words->set, server);
	else
		pick_set_add(words->set, server);
}

/* --- many at once --- */

struct walk {
	struct pick_words *words;
	size_t count;
};

static int walk_take(void *ctx, const struct server *server, struct err *err)
{
	struct walk *walk = ctx;

	(void)err;
	walk->count++;
	take(walk->words, server);
	return 0;
}

static int take_query(struct pick_words *words, struct server_query query, size_t *count,
		      struct err *err)
{
	struct walk walk = {words, 0};

	query.with_retired = words->exclude || words->retired;
	if (store_server_each(words->store, &query, walk_take, &walk, err))
		return -1;
	*count = walk.count;
	return 0;
}

int pick_words_all(struct pick_words *words, struct err *err)
{
	size_t count;

	return take_query(words, (struct server_query){0}, &count, err);
}

static int take_glob(struct pick_words *words, const char *glob, struct err *err)
{
	size_t count;

	if (take_query(words, (struct server_query){.glob = glob}, &count, err))
		return -1;
	/* To exclude nothing of a kind is no mistake; to reach nothing is. */
	if (!count && !words->exclude)
		return err_set(err, STATUS_USAGE, "no server matches '%s'", glob);
	return 0;
}

int pick_words_room(struct pick_words *words, const char *name, struct err *err)
{
	enum outcome outcome;
	size_t count;
	int known;

	if (outcome_parse(name, &outcome))
		return err_set(err, STATUS_USAGE,
			       "@%s: outcomes of earlier runs cannot be asked for yet; the word is "
			       "reserved for them, no room or tag has it",
			       name);
	if (!strcmp(name, "retired")) {
		struct server_query query = {.only_retired = true};

		return take_query(words, query, &count, err);
	}
	known = store_room_exists(words->store, name, err);
	if (!known)
		known = store_tag_exists(words->store, name, err);
	if (known < 0)
		return -1;
	if (!known)
		return pick_unknown_room(words->store, name, err);
	return take_query(words, (struct server_query){.room_or_tag = name}, &count, err);
}

/* --- one --- */

/* An address with a user or port whose host is an id: the store knows more about that server (its tunnel, for
 * one) than the address says. */
static int refuse_known(struct store *store, const char *word, const struct server *address,
			struct err *err)
{
	struct server known;
	int found;

	if (!address->user && !address->port)
		return 0;
	found = store_server_get(store, address->host, &known, err);
	if (found != 1)
		return found;
	server_finish(&known);
	return err_set(err, STATUS_USAGE,
		       "'%s': %s is a server of the inventory; name it alone (with -l USER or -p PORT "
		       "where it is to be another)",
		       word, address->host);
}

int pick_server(struct store *store, const char *word, struct server *server, struct err *err)
{
	int found = store_server_get(store, word, server, err);

	if (found)
		return found;
	found = server_parse_address(word, server, err);
	if (found == 1 && refuse_known(store, word, server, err)) {
		server_finish(server);
		return -1;
	}
	return found;
}

static int take_name(struct pick_words *words, const char *word, struct list *unknown,
		     struct err *err)
{
	struct server server;
	int found = pick_server(words->store, word, &server, err);

	if (found < 0)
		return -1;
	if (!found) {
		list_add(unknown, word);
		return 0;
	}
	take(words, &server);
	server_finish(&server);
	return 0;
}

/* --- words --- */

static int take_word(struct pick_words *words, const char *word, struct list *unknown,
		     struct err *err)
{
	if (*word == '@' && word[1])
		return pick_words_room(words, word + 1, err);
	if (*word == '@')
		return err_set(err, STATUS_USAGE, "'@' lacks the name of a room or tag");
	if (strchr(word, '='))
		return err_set(err, STATUS_USAGE,
			       "'%s': servers cannot be picked by key=value (name ids, a room or a tag)",
			       word);
	if (strpbrk(word, "*?"))
		return take_glob(words, word, err);
	return take_name(words, word, unknown, err);
}

/* A word that stands for several words, or for what is read elsewhere. */
static int take_source(struct pick_words *words, const char *word, struct err *err)
{
	if (words->file)
		return err_set(err, STATUS_USAGE, "'%s' cannot stand in a file of targets", word);
	if (!strcmp(word, "-") && words->exclude)
		return err_set(err, STATUS_USAGE,
			       "-x -: standard input names targets, it cannot exclude them");
	if (!strcmp(word, "-")) {
		words->saw_stdin = true;
		return 0;
	}
	if (!word[1])
		return err_set(err, STATUS_USAGE, "'^' lacks the name of a file");
	return pick_words_file(words, word + 1, err);
}

static int take_expanded(struct pick_words *words, const char *word, struct err *err)
{
	struct list names = LIST_INIT;
	struct list unknown = LIST_INIT;
	int result = -1;

	if (!strcmp(word, "-") || *word == '^') {
		result = take_source(words, word, err);
		goto out;
	}
	if (range_expand(word, &names, err))
		goto out;
	for (size_t i = 0; i < names.count; i++)
		if (take_word(words, names.at[i], &unknown, err))
			goto out;
	/* A range may exclude more than there is; what excludes nothing at all is misspelt. */
	result = unknown.count && (!words->exclude || unknown.count == names.count)
		     ? pick_unknown_ids(words->store, &unknown, err)
		     : 0;
out:
	list_finish(&names);
	list_finish(&unknown);
	return result;
}

int pick_words_list(struct pick_words *words, const char *text, struct err *err)
{
	struct list parts = LIST_INIT;
	int result = range_split(text, &parts, err);

	if (!result && !parts.count)
		result = err_set(err, STATUS_USAGE, "the list of targets is empty");
	for (size_t i = 0; i < parts.count && !result; i++)
		result = take_expanded(words, parts.at[i], err);
	list_finish(&parts);
	return result;
}

/* --- files --- */

/* A line of a roster, which may hold a password, would pass for the name of a host. */
static bool is_roster_line(const char *word)
{
	size_t delimiters = 0;

	for (const char *at = word; (at = strstr(at, "--")); at += 2)
		delimiters += at < word + 2 || strncmp(at - 2, "xn", 2) != 0;
	return delimiters > 1;
}

/* One line: words between blanks, up to a #. */
static int take_line(struct pick_words *words, char *line, struct err *err)
{
	static const char blanks[] = " \t\r";

	line[strcspn(line, "#")] = '\0';
	while (*(line += strspn(line, blanks))) {
		char *end = line + strcspn(line, blanks);
		bool more = *end;

		*end = '\0';
		if (is_roster_line(line))
			return err_set(err, STATUS_USAGE,
				       "this is a roster's line, not a target (try: mroom inventory "
				       "import %s)",
				       words->file);
		/* A lone comma between blanks names nothing. */
		if (line[strspn(line, ",")] && pick_words_list(words, line, err))
			return -1;
		line = end + more;
	}
	return 0;
}

static int take_lines(struct pick_words *words, struct buf *text, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	char *line = text->at + (strncmp(text->at, mark, 3) ? 0 : 3);
	long number = 1;

	if (strlen(text->at) != text->len)
		return err_set(err, STATUS_USAGE, "%s: not a text file (it holds a NUL byte)",
			       words->file);
	for (char *next; line; line = next, number++) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (take_line(words, line, err))
			return err_prefix(err, "%s:%ld", words->file, number);
	}
	return 0;
}

int pick_words_file(struct pick_words *words, const char *path, struct err *err)
{
	char *file = io_expand_home(path);
	struct buf text = BUF_INIT;
	int result;

	words->file = file;
	if (!strcmp(file, "-"))
		result = err_set(err, STATUS_USAGE, "'^-': standard input is named by - alone");
	else
		result = io_read_file(file, FILE_MAX, &text, err) || take_lines(words, &text, err)
			     ? -1
			     : 0;
	words->file = NULL;
	buf_finish(&text);
	free(file);
	return result;
}
