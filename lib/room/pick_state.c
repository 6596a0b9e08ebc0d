/* Targets by what is remembered of them: key=value, key!=value, key>5, key?. */
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/room/condition.h"
#include "lib/room/pick_words.h"
#include "lib/room/state_key.h"
#include "lib/room/store_state.h"

struct question {
	struct condition condition;
	struct state_key key;
	struct map *fits; /* ids whose value fits; for !=, ids whose value does not */
	bool seen;	  /* somebody has the key */
};

static int judge(void *ctx, const struct state_row *row, struct err *err)
{
	struct question *question = ctx;
	bool negated = question->condition.op == CONDITION_DIFFERENT;

	(void)err;
	question->seen = true;
	if (condition_holds(&question->condition, row->json, question->key.path.at) != negated)
		map_mark(question->fits, row->id);
	return 0;
}

struct answer {
	struct pick_words *words;
	const struct question *question;
};

static int choose(void *ctx, const struct server *server, struct err *err)
{
	struct answer *answer = ctx;
	bool negated = answer->question->condition.op == CONDITION_DIFFERENT;

	(void)err;
	if ((map_get(answer->question->fits, server->id) != NULL) != negated)
		pick_words_take(answer->words, server);
	return 0;
}

static int unknown_key(struct store *store, const char *name, struct err *err)
{
	struct list keys = LIST_INIT;
	const char *near;

	if (store_state_keys(store, &keys, err))
		return -1;
	near = list_nearest(name, (const char *const *)keys.at, keys.count);
	/* Who misspells the key of != would otherwise mean all. */
	if (near)
		err_set(err, STATUS_USAGE, "no server has a state '%s' (did you mean %s?)", name,
			near);
	else
		err_set(err, STATUS_USAGE, "no server has a state '%s' (see: mroom state ls)",
			name);
	list_finish(&keys);
	return -1;
}

static int answer(struct pick_words *words, struct question *question, struct err *err)
{
	struct server_query query = {.with_retired = words->exclude || words->retired,
				     .ids_only = pick_words_ids_only(words)};
	struct answer answer = {words, question};

	list_take(&question->key.path, NULL); /* condition_holds wants an end */
	question->key.path.count--;
	if (store_state_each(words->store, NULL, question->key.name, judge, question, err))
		return -1;
	if (!question->seen)
		return unknown_key(words->store, question->key.name, err);
	return store_server_each(words->store, &query, choose, &answer, err);
}

/* key? looks like a glob, and is one unless there is such a key. */
static int is_glob(struct pick_words *words, const struct question *question, struct err *err)
{
	char *glob;
	int known, matches;

	if (question->condition.op != CONDITION_THERE)
		return 0;
	if (strpbrk(question->condition.key, "*?"))
		return 1;
	known = store_state_key_exists(words->store, question->key.name, err);
	if (known < 1)
		return known < 0 ? -1 : 1;
	glob = mem_format("%s?", question->condition.key);
	matches = pick_words_matches(words->store, glob, err);
	free(glob);
	if (matches > 0)
		return err_set(err, STATUS_USAGE,
			       "'%s?' means the state '%s' as well as ids: ask %s=* or name the "
			       "ids with a range",
			       question->condition.key, question->key.name,
			       question->condition.key);
	return matches;
}

int pick_state(struct pick_words *words, const char *word, struct err *err)
{
	struct question question = {.key = STATE_KEY_INIT};
	int result = condition_parse(word, &question.condition, err);
	int glob;

	if (result < 1)
		return result;
	question.fits = map_create();
	if (state_key_parse(&question.key, question.condition.key, err)) {
		/* With * or ? in it: a glob after all. */
		result = question.condition.op == CONDITION_THERE ? 0 : -1;
		goto out;
	}
	glob = is_glob(words, &question, err);
	if (glob)
		result = glob < 0 ? -1 : 0;
	else
		result = answer(words, &question, err) ? -1 : 1;
out:
	map_destroy(question.fits);
	state_key_finish(&question.key);
	condition_finish(&question.condition);
	return result;
}
