/* retire, unretire and rm: servers that are, or are to be, no more. */
#include <stdlib.h>

#include "cmd/inventory/edit.h"
#include "cmd/inventory/inventory.h"
#include "lib/base/map.h"
#include "lib/room/store_edit.h"

static int set_retired(struct edit *edit, const struct server *server, bool retired,
		       unsigned *fields, struct err *err)
{
	const struct server to = {.retired = retired};
	unsigned changed;

	(void)fields; /* the action says it all */
	if (store_server_set(edit->console.store, server->row, &to, IMPORT_RETIREMENT, &changed,
			     err))
		return -1;
	return changed != 0;
}

static int retire(void *ctx, struct edit *edit, const struct server *server, unsigned *fields,
		  struct err *err)
{
	(void)ctx;
	return set_retired(edit, server, true, fields, err);
}

static int unretire(void *ctx, struct edit *edit, const struct server *server, unsigned *fields,
		    struct err *err)
{
	(void)ctx;
	return set_retired(edit, server, false, fields, err);
}

static int remove_one(void *ctx, struct edit *edit, const struct server *server, unsigned *fields,
		      struct err *err)
{
	(void)ctx;
	(void)fields;
	return store_server_remove(edit->console.store, server, err) ? -1 : 1;
}

/* Whoever is left must not lose its way in. */
static int settle_removed(void *ctx, struct edit *edit, struct err *err)
{
	struct map *removed = map_create();
	char *user = NULL, *jump = NULL;
	int found;

	(void)ctx;
	for (size_t i = 0; i < edit->count; i++)
		map_mark(removed, edit->servers[i].id);
	found = store_jump_user(edit->console.store, removed, &user, &jump, err);
	if (found > 0)
		err_set(err, STATUS_POLICY,
			"%s is reached through %s (change that first: mroom inventory set -J)", user,
			jump);
	map_destroy(removed);
	free(user);
	free(jump);
	return found ? -1 : store_rooms_close_ranks(edit->console.store, err);
}

int inventory_retire(int argc, char **argv)
{
	static const char *const examples[] = {"mroom inventory retire web-07",
					       "mroom inventory retire @old-datacentre", NULL};
	static const struct edit_verb verb = {
	    .command = "mroom inventory retire",
	    .args = "TARGETS",
	    .about = "Retires servers: rooms, tags and globs leave them out from now on.",
	    .examples = examples,
	    .done = "retired",
	    .apply = retire,
	};

	return edit_main(&verb, NULL, argc, argv);
}

int inventory_unretire(int argc, char **argv)
{
	static const char *const examples[] = {"mroom inventory unretire web-07",
					       "mroom inventory unretire @retired", NULL};
	static const struct edit_verb verb = {
	    .command = "mroom inventory unretire",
	    .args = "TARGETS",
	    .about = "Takes retired servers back into service.",
	    .examples = examples,
	    .done = "unretired",
	    .retired = true,
	    .apply = unretire,
	};

	return edit_main(&verb, NULL, argc, argv);
}

int inventory_rm(int argc, char **argv)
{
	static const char *const examples[] = {"mroom inventory rm web-07",
					       "mroom inventory rm -y @retired", NULL};
	static const struct edit_verb verb = {
	    .command = "mroom inventory rm",
	    .args = "TARGETS",
	    .about = "Removes servers with all that is known of them. The journal keeps its lines.",
	    .examples = examples,
	    .done = "removed",
	    .confirms = true,
	    .apply = remove_one,
	    .settle = settle_removed,
	};

	return edit_main(&verb, NULL, argc, argv);
}
