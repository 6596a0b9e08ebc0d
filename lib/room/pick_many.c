/* The ids of a large range: one walk of the inventory costs less than asking the store for each. */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/room/pick_words.h"

#define MANY 256  /* names: fewer are asked for one by one */
#define SPARSE 16 /* servers per name: more, and walking by them all costs more than asking */

static int find(void *ctx, const struct server *server, struct err *err)
{
	struct server **place = map_get(ctx, server->id);

	(void)err;
	if (place)
		*place = pick_set_pack(server);
	return 0;
}

int pick_many_find(struct pick_many *many, const struct pick_words *words, const struct list *names,
		   struct err *err)
{
	/* Retired servers are reached by their ids. */
	const struct server_query query = {.with_retired = true,
					   .ids_only = pick_words_ids_only(words)};
	struct map *places; /* by name: where its server goes */
	long servers;
	int result;

	if (names->count < MANY)
		return 0;
	if (store_server_count(words->store, &servers, err))
		return -1;
	if ((size_t)servers / SPARSE > names->count)
		return 0;
	many->found = mem_zero(names->count, sizeof(*many->found));
	many->count = names->count;
	places = map_create();
	for (size_t i = 0; i < names->count; i++)
		map_set(places, names->at[i], &many->found[i]);
	result = store_server_each(words->store, &query, find, places, err);
	map_destroy(places);
	return result;
}

bool pick_many_take(struct pick_many *many, struct pick_words *words, size_t at)
{
	if (at >= many->count || !many->found[at])
		return false;
	pick_words_give(words, many->found[at]);
	many->found[at] = NULL;
	return true;
}

void pick_many_finish(struct pick_many *many)
{
	for (size_t i = 0; i < many->count; i++)
		free(many->found[i]);
	free(many->found);
}
