/* home: the directory in which a login begins, the state key home_path. */
#include <jansson.h>

#include "cmd/inventory/edit.h"
#include "cmd/inventory/inventory.h"
#include "lib/base/mem.h"
#include "lib/room/store_state.h"

struct home_words {
	bool unset;
	const char *path;
	char *json; /* the path as the store keeps it */
};

static const struct opt home_opts[] = {
    {.name = "unset",
     .type = OPT_FLAG,
     .offset = offsetof(struct home_words, unset),
     .help = "logins begin where the server says again"},
    {.type = OPT_END},
};

static int take_path(void *ctx, struct edit *edit, char ***operands, size_t *count, struct err *err)
{
	struct home_words *words = ctx;
	json_t *text;

	(void)edit;
	if (words->unset)
		return 0;
	if (!*count)
		return err_set(err, STATUS_USAGE, "which directory? (try: home TARGETS PATH)");
	words->path = (*operands)[--*count];
	if (!strchr("/~", *words->path) || !*words->path)
		return err_set(err, STATUS_USAGE,
			       "'%s' is no directory of a server: it begins with / or ~",
			       words->path);
	text = json_string(words->path);
	words->json = text ? json_dumps(text, JSON_ENCODE_ANY) : NULL;
	json_decref(text);
	return words->json ? 0 : err_set(err, STATUS_USAGE, "the directory is not UTF-8");
}

static int set_home(void *ctx, struct edit *edit, const struct server *server, unsigned *fields,
		    struct err *err)
{
	const struct home_words *words = ctx;
	struct store *store = edit->console.store;
	struct buf now = BUF_INIT;
	int found = store_state_get(store, server->id, "home_path", &now, err);
	int result = found < 0 ? -1 : 0;
	bool same = found == 1 ? words->json && buf_equals(&now, words->json) : !words->json;

	*fields = IMPORT_STATE;
	if (!result && !same)
		result =
		    store_state_set(store, server->id, "home_path", words->json, "inventory", err)
			? -1
			: 1;
	buf_finish(&now);
	return result;
}

int inventory_home(int argc, char **argv)
{
	static const char *const examples[] = {"mroom inventory home web-01 /srv/app",
					       "mroom inventory home --unset web-01", NULL};
	static const struct edit_verb verb = {
	    .command = "mroom inventory home",
	    .args = "TARGETS PATH",
	    .about = "Says in which directory mroom connect begins.",
	    .examples = examples,
	    .title = "Home",
	    .opts = home_opts,
	    .done = "set",
	    .words = take_path,
	    .apply = set_home,
	};
	struct home_words words = {.unset = false};
	int status = edit_main(&verb, &words, argc, argv);

	free(words.json);
	return status;
}
