#include "lib/room/pick_words.h"

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/flow/nodes.h"
#include "lib/flow/range.h"

/* More bytes of targets in one file are a mistake. */
#define FILE_MAX ((size_t)64 << 20)

static bool passes(const struct pick_words *words, const struct server *server)
{
	for (const struct pick_filter *filter = words->filters; filter; filter = filter->next)
		if (pick_set_has(filter->set, server->id) == filter->negated)
			return false;
	return true;
}

void pick_words_take(struct pick_words *words, const struct server *server)
{
	if (!passes(words, server))
		return;
	if (words->exclude && !words->collects)
		pick_set_exclude(words->set, server);
	else
		pick_set_add(words->set, server);
}

void pick_words_give(struct pick_words *words, struct server *packed)
{
	if (!passes(words, packed)) {
		free(packed);
	} else if (words->exclude && !words->collects) {
		pick_set_exclude(words->set, packed);
		free(packed);
	} else {
		pick_set_take(words->set, packed);
	}
}

bool pick_words_ids_only(const struct pick_words *words)
{
	return words->exclude || words->set->ids_only;
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
	pick_words_take(walk->words, server);
	return 0;
}

static int take_query(struct pick_words *words, struct server_query query, size_t *count,
		      struct err *err)
{
	struct walk walk = {words, 0};

	query.with_retired = words->exclude || words->retired;
	query.ids_only = pick_words_ids_only(words);
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

static int stop_at_once(void *ctx, const struct server *server, struct err *err)
{
	(void)server;
	(void)err;
	*(bool *)ctx = true;
	return -1;
}

int pick_words_matches(struct store *store, const char *glob, struct err *err)
{
	const struct server_query query = {.glob = glob, .with_retired = true};
	bool found = false;
	int result = store_server_each(store, &query, stop_at_once, &found, err);

	return found ? 1 : result;
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
	size_t count;
	int known = pick_run(words, name, err);

	if (known)
		return known < 0 ? -1 : 0;
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

static int take_name(struct pick_words *words, const char *word, struct list *unknown,
		     struct err *err)
{
	struct server server;
	int found = pick_server(words->store, words->ssh, word, &server, err);

	if (found < 0)
		return -1;
	if (!found) {
		list_add(unknown, word);
		return 0;
	}
	pick_words_take(words, &server);
	server_finish(&server);
	return 0;
}

/* --- words --- */

static int take_word(struct pick_words *words, const char *word, struct list *unknown,
		     struct err *err)
{
	int asked;

	if (*word == '@' && strchr(word, ':') && strncmp(word, "@run:", 5) != 0)
		return pick_source(words, word + 1, err);
	if (*word == '@' && word[1])
		return pick_words_room(words, word + 1, err);
	if (*word == '@')
		return err_set(err, STATUS_USAGE, "'@' lacks the name of a room or tag");
	asked = pick_state(words, word, err);
	if (asked)
		return asked < 0 ? -1 : 0;
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

static int take_both(struct pick_words *words, const char *word, struct err *err);

static int take_expanded(struct pick_words *words, const char *word, struct err *err)
{
	struct list names = LIST_INIT;
	struct list unknown = LIST_INIT;
	struct pick_many many = {NULL, 0};
	int result = -1;

	if (!strcmp(word, "-") || *word == '^') {
		result = take_source(words, word, err);
		goto out;
	}
	if (*word == '!' || nodes_has_and(word)) {
		result = take_both(words, word, err);
		goto out;
	}
	if (range_expand(word, &names, err))
		goto out;
	if (pick_many_find(&many, words, &names, err))
		goto out;
	for (size_t i = 0; i < names.count; i++)
		if (!pick_many_take(&many, words, i) &&
		    take_word(words, names.at[i], &unknown, err))
			goto out;
	/* A range may exclude more than there is; what excludes nothing at all is misspelt. */
	result = unknown.count && (!words->exclude || unknown.count == names.count)
		     ? pick_unknown_ids(words->store, &unknown, err)
		     : 0;
out:
	pick_many_finish(&many);
	list_finish(&names);
	list_finish(&unknown);
	return result;
}

/* WORD&WORD, WORD&!WORD: the others are looked up first; they are what the first must (not) be in. */
static int take_both(struct pick_words *words, const char *word, struct err *err)
{
	struct list sides = LIST_INIT;
	struct pick_set *sets = NULL;
	struct pick_filter *filters = NULL;
	const struct pick_filter *outer = words->filters;
	struct pick_words own = *words;
	size_t made = 1;
	int result = nodes_split_and(word, &sides, err);

	sets = mem_zero(sides.count + 1, sizeof(*sets));
	filters = mem_zero(sides.count + 1, sizeof(*filters));
	own.collects = true;
	own.filters = NULL;
	for (; made < sides.count && !result; made++) {
		bool negated = *sides.at[made] == '!';

		pick_set_init(&sets[made]);
		sets[made].ids_only = true;
		own.set = &sets[made];
		filters[made] = (struct pick_filter){&sets[made], negated, words->filters};
		words->filters = &filters[made];
		result = take_expanded(&own, sides.at[made] + negated, err);
	}
	own.saw_stdin |= !result && !strcmp(sides.at[0], "-");
	if (!result && own.saw_stdin)
		result = err_set(err, STATUS_USAGE, "'-' cannot stand beside &");
	if (!result)
		result = take_expanded(words, sides.at[0], err);
	while (--made)
		pick_set_finish(&sets[made]);
	words->filters = outer;
	free(filters);
	free(sets);
	list_finish(&sides);
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
