/* "no server 'web-99' (did you mean web-09?)": said once, and cheaply even where there are very many. */
#include "lib/base/mem.h"
#include "lib/flow/range.h"
#include "lib/room/pick_words.h"

/* Of more ids than this the rest is not looked at. */
#define CANDIDATES_MAX 20000

static int collect_id(void *ctx, const struct server *server, struct err *err)
{
	struct list *ids = ctx;

	list_add(ids, server->id);
	return ids->count < CANDIDATES_MAX ? 0 : err_set(err, STATUS_OK, "enough");
}

/* The known id most like the word, among those that begin alike; malloc'ed, or NULL. */
static char *nearest_id(struct store *store, const char *word)
{
	const char glob[] = {*word, '*', '\0'};
	const struct server_query query = {.glob = glob, .with_retired = true};
	struct list ids = LIST_INIT;
	struct err ignored = ERR_INIT;
	char *near;

	if (*word == '*' || *word == '?')
		return NULL;
	store_server_each(store, &query, collect_id, &ids, &ignored);
	near = mem_text(list_nearest(word, (const char *const *)ids.at, ids.count));
	list_finish(&ids);
	return near;
}

static int unknown_id(struct store *store, const char *word, struct err *err)
{
	struct err ignored = ERR_INIT;
	char *near;

	if (store_room_exists(store, word, &ignored) == 1 ||
	    store_tag_exists(store, word, &ignored) == 1)
		return err_set(err, STATUS_USAGE, "no server '%s' (did you mean @%s?)", word, word);
	near = nearest_id(store, word);
	if (near)
		err_set(err, STATUS_USAGE, "no server '%s' (did you mean %s?)", word, near);
	else
		err_set(err, STATUS_USAGE, "no server '%s' (see: mroom inventory ls)", word);
	free(near);
	return -1;
}

int pick_unknown_ids(struct store *store, const struct list *ids, struct err *err)
{
	struct buf folded = BUF_INIT;

	if (ids->count == 1)
		return unknown_id(store, ids->at[0], err);
	range_fold(&folded, (const char *const *)ids->at, ids->count);
	err_set(err, STATUS_USAGE, "no servers %s (%zu of them; see: mroom inventory ls)", folded.at,
		ids->count);
	buf_finish(&folded);
	return -1;
}

int pick_unknown_room(struct store *store, const char *name, struct err *err)
{
	struct list names = LIST_INIT;
	struct server server;
	const char *near;
	int found;

	if (store_room_names(store, &names, err) || store_tag_names(store, &names, err))
		goto out;
	near = list_nearest(name, (const char *const *)names.at, names.count);
	found = near ? 0 : store_server_get(store, name, &server, err);
	if (found < 0)
		goto out;
	if (found)
		server_finish(&server);
	if (near)
		err_set(err, STATUS_USAGE, "no room or tag '%s' (did you mean @%s?)", name, near);
	else if (found)
		err_set(err, STATUS_USAGE, "no room or tag '%s' (the server is %s, without @)", name,
			name);
	else
		err_set(err, STATUS_USAGE, "no room or tag '%s'", name);
out:
	list_finish(&names);
	return -1;
}
