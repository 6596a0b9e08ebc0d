/* tag and untag: names that servers share. */
#include "cmd/inventory/edit.h"
#include "cmd/inventory/inventory.h"
#include "lib/room/store_edit.h"

struct tags {
	struct list names;
};

/* The first word: NAME[,NAME...]. */
static int take_names(void *ctx, struct edit *edit, char ***operands, size_t *count,
		      struct err *err)
{
	struct tags *tags = ctx;

	(void)edit;
	if (!*count)
		return err_set(err, STATUS_USAGE, "which tag? (try: tag NAME TARGETS)");
	list_split(&tags->names, **operands, ',');
	for (size_t i = 0; i < tags->names.count; i++)
		if (server_check_name("tag", tags->names.at[i], err))
			return -1;
	if (!tags->names.count)
		return err_set(err, STATUS_USAGE, "the tag is empty");
	++*operands;
	--*count;
	return 0;
}

static int set_tags(const struct tags *tags, struct edit *edit, const struct server *server,
		    bool on, struct err *err)
{
	bool changed = false;

	for (size_t i = 0; i < tags->names.count; i++)
		if (store_tag_set(edit->console.store, server->row, tags->names.at[i], on, &changed,
				  err))
			return -1;
	return changed;
}

static int tag(void *ctx, struct edit *edit, const struct server *server, unsigned *fields,
	       struct err *err)
{
	*fields = IMPORT_TAGS;
	return set_tags(ctx, edit, server, true, err);
}

static int untag(void *ctx, struct edit *edit, const struct server *server, unsigned *fields,
		 struct err *err)
{
	*fields = IMPORT_TAGS;
	return set_tags(ctx, edit, server, false, err);
}

int inventory_tag(int argc, char **argv)
{
	static const char *const examples[] = {"mroom inventory tag canary web-01,web-05",
					       "mroom inventory tag db,primary -w db-01", NULL};
	static const struct edit_verb verb = {
	    .command = "mroom inventory tag",
	    .args = "NAME[,NAME...] TARGETS",
	    .operand_complete = "tags targets",
	    .about = "Gives servers a tag, so that @NAME means them.",
	    .examples = examples,
	    .done = "tagged",
	    .words = take_names,
	    .apply = tag,
	};
	struct tags tags = {LIST_INIT};
	int status = edit_main(&verb, &tags, argc, argv);

	list_finish(&tags.names);
	return status;
}

int inventory_untag(int argc, char **argv)
{
	static const char *const examples[] = {"mroom inventory untag canary @canary", NULL};
	static const struct edit_verb verb = {
	    .command = "mroom inventory untag",
	    .args = "NAME[,NAME...] TARGETS",
	    .operand_complete = "tags targets",
	    .about = "Takes a tag from servers.",
	    .examples = examples,
	    .done = "untagged",
	    .retired = true,
	    .words = take_names,
	    .apply = untag,
	};
	struct tags tags = {LIST_INIT};
	int status = edit_main(&verb, &tags, argc, argv);

	list_finish(&tags.names);
	return status;
}
