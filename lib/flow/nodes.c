#include "lib/flow/nodes.h"

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/flow/range.h"

struct nodes {
	struct map *names;
};

struct nodes *nodes_create(void)
{
	struct nodes *nodes = mem_zero(1, sizeof(*nodes));

	nodes->names = map_create();
	return nodes;
}

void nodes_destroy(struct nodes *nodes)
{
	if (!nodes)
		return;
	map_destroy(nodes->names);
	free(nodes);
}

/* Where the side at `at` ends: at & outside brackets, or at the end. */
static const char *side_end(const char *at)
{
	const char *close;

	for (; *at && *at != '&'; at++) {
		close = *at == '[' ? strchr(at, ']') : NULL;
		if (close)
			at = close;
	}
	return at;
}

bool nodes_has_and(const char *word)
{
	return *side_end(word) == '&';
}

int nodes_split_and(const char *word, struct list *sides, struct err *err)
{
	const char *start = word;
	const char *end;

	for (;; start = end + 1) {
		size_t size;

		end = side_end(start);
		start += strspn(start, " ");
		size = (size_t)(end - start);
		while (size && start[size - 1] == ' ')
			size--;
		if (!size || (size == 1 && *start == '!'))
			return err_set(err, STATUS_USAGE,
				       "'%.80s': nothing stands on one side of &", word);
		if (*start == '!' && !sides->count)
			return err_set(err, STATUS_USAGE,
				       "'%.80s': ! stands behind & only (what is to be left out of "
				       "all goes to -x)",
				       word);
		list_add_n(sides, start, size);
		if (!*end)
			return 0;
	}
}

/* The names of one side, as a set. The caller destroys it. */
static struct map *expand_side(const char *side, struct err *err)
{
	struct list names = LIST_INIT;
	struct map *set = NULL;

	if (!range_expand(side + (*side == '!'), &names, err)) {
		set = map_create();
		for (size_t i = 0; i < names.count; i++)
			map_mark(set, names.at[i]);
	}
	list_finish(&names);
	return set;
}

/* Drops names from `from` on that are not in the set; with `negated` those that are. */
static void keep_names(struct list *names, size_t from, const struct map *set, bool negated)
{
	size_t kept = from;

	for (size_t i = from; i < names->count; i++) {
		if ((map_get(set, names->at[i]) != NULL) != negated)
			names->at[kept++] = names->at[i];
		else
			free(names->at[i]);
	}
	names->count = kept;
}

/* Appends the names that the word means, in the order of its first side. */
static int expand_word(const char *word, struct list *into, struct err *err)
{
	struct list sides = LIST_INIT;
	size_t from = into->count;
	int result = -1;

	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is one */
	if (nodes_split_and(word, &sides, err) || range_expand(sides.at[0], into, err))
		goto out;
	for (size_t i = 1; i < sides.count; i++) {
		struct map *set = expand_side(sides.at[i], err);

		if (!set)
			goto out;
		keep_names(into, from, set, *sides.at[i] == '!');
		map_destroy(set);
	}
	result = 0;
out:
	list_finish(&sides);
	return result;
}

static int expand_list(const char *text, struct list *names, struct err *err)
{
	struct list words = LIST_INIT;
	int result = range_split(text, &words, err);

	for (size_t i = 0; i < words.count && !result; i++)
		result = expand_word(words.at[i], names, err);
	list_finish(&words);
	return result;
}

int nodes_add(struct nodes *nodes, const char *text, struct err *err)
{
	struct list names = LIST_INIT;
	int result = expand_list(text, &names, err);

	for (size_t i = 0; i < names.count && !result; i++)
		map_mark(nodes->names, names.at[i]);
	list_finish(&names);
	return result;
}

int nodes_remove(struct nodes *nodes, const char *text, struct err *err)
{
	struct list names = LIST_INIT;
	int result = expand_list(text, &names, err);

	for (size_t i = 0; i < names.count && !result; i++)
		map_remove(nodes->names, names.at[i]);
	list_finish(&names);
	return result;
}

void nodes_list(const struct nodes *nodes, struct list *into)
{
	const char *name;
	size_t at = 0;

	while (map_next(nodes->names, &at, &name, NULL))
		list_add(into, name);
}
