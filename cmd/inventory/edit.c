#include "cmd/inventory/edit.h"

#include <unistd.h>

#include "cmd/inventory/import.h"
#include "lib/base/mem.h"
#include "lib/flow/range.h"
#include "lib/room/store_edit.h"

#define AT(field) offsetof(struct edit_opts, field)

static const struct opt common_opts[] = {
    {.letter = 'C',
     .name = "dry-run",
     .type = OPT_FLAG,
     .offset = AT(dry_run),
     .help = "show what would change, and change nothing"},
    {.letter = 'y', .name = "yes", .type = OPT_FLAG, .offset = AT(yes), .help = "do not ask"},
    {.letter = 'q', .name = "quiet", .type = OPT_FLAG, .offset = AT(quiet), .help = "no summary"},
    {.type = OPT_END},
};

const struct out_column edit_columns[EDIT_COLUMNS] = {
    {.name = "id", .type = OUT_TEXT},
    {.name = "action", .type = OUT_TEXT},
    {.name = "changes", .type = OUT_LIST},
};

void edit_row(struct out *out, const char *id, const char *action, unsigned fields)
{
	struct buf names = BUF_INIT;

	import_field_names(&names, fields);
	const char *values[EDIT_COLUMNS] = {id, action, names.len ? names.at : NULL};

	out_row(out, values);
	buf_finish(&names);
}

int edit_confirm(const struct edit *edit, const char *question, struct err *err)
{
	char answer[16] = "";

	if (edit->opts.yes || edit->opts.dry_run)
		return 0;
	if (!isatty(STDIN_FILENO))
		return err_set(err, STATUS_USAGE, "%s needs -y where nobody can be asked",
			       question);
	import_say("%s [y/N]", question);
	if (fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y'))
		return 0;
	return err_set(err, STATUS_POLICY, "nothing was changed");
}

/* "Remove web-[01-12] (12 servers)?" */
static int confirm(const struct edit_verb *verb, const struct edit *edit, struct err *err)
{
	const char **ids = mem_zero(edit->count + 1, sizeof(*ids));
	struct buf question = BUF_INIT;
	int result;

	for (size_t i = 0; i < edit->count; i++)
		ids[i] = edit->servers[i].id;
	range_fold(&question, ids, edit->count);
	buf_format(&question,
		   " (%zu server%s) to be %s, with state, tags and passwords:", edit->count,
		   edit->count == 1 ? "" : "s", verb->done);
	result = edit_confirm(edit, question.at, err);
	buf_finish(&question);
	free(ids);
	return result;
}

static int keep_server(void *ctx, const struct server *server, struct err *err)
{
	struct edit *edit = ctx;

	if (!server->row)
		return err_set(err, STATUS_USAGE, "'%s' is not in the inventory", server->id);
	if (edit->count == edit->cap) {
		edit->cap = edit->cap ? edit->cap * 2 : 16;
		edit->servers = mem_resize(edit->servers, edit->cap, sizeof(*edit->servers));
	}
	server_copy(&edit->servers[edit->count++], server);
	return 0;
}

static int pick_servers(struct edit *edit, char **operands, size_t count, struct err *err)
{
	struct pick *pick = pick_create(edit->console.store, &edit->picked, operands, count,
					PICK_ACT, keep_server, edit, err);
	int result = pick ? pick_all(pick, err) : -1;

	pick_destroy(pick);
	return result;
}

static int apply_all(const struct edit_verb *verb, void *ctx, struct edit *edit, struct err *err)
{
	edit->changes = mem_zero(edit->count + 1, sizeof(*edit->changes));
	for (size_t i = 0; i < edit->count; i++) {
		const struct server *server = &edit->servers[i];
		struct edit_change *change = &edit->changes[i];
		/* It was picked before the transaction, perhaps before somebody was asked. */
		int done = store_server_is(edit->console.store, server->row, server->id, err);

		if (done == 0)
			err_set(err, STATUS_USAGE, "it was removed meanwhile");
		if (done == 1)
			done = verb->apply(ctx, edit, server, &change->fields, err);
		else
			done = -1;
		if (done < 0)
			return err_prefix(err, "%s", server->id);
		edit->changed += done;
		change->done = done;
	}
	return verb->settle ? verb->settle(ctx, edit, err) : 0;
}

int edit_close_ranks(void *ctx, struct edit *edit, struct err *err)
{
	(void)ctx;
	return store_rooms_close_ranks(edit->console.store, err);
}

/* Only when it is done: who reads slowly keeps nobody else from the database. */
static void tell(const struct edit_verb *verb, const struct edit *edit)
{
	for (size_t i = 0; i < edit->count; i++)
		if (edit->changes[i].done)
			edit_row(edit->out, edit->servers[i].id, verb->done,
				 edit->changes[i].fields);
	if (!edit->opts.quiet)
		import_say("%s%ld %s, %ld unchanged",
			   edit->opts.dry_run ? "dry run, nothing done: " : "", edit->changed,
			   verb->done, (long)edit->count - edit->changed);
}

static int change(const struct edit_verb *verb, void *ctx, struct edit *edit, struct err *err)
{
	struct store *store = edit->console.store;

	if ((edit->count && verb->confirms && confirm(verb, edit, err)) ||
	    (verb->prepare && verb->prepare(ctx, edit, err)) || store_begin(store, err))
		return -1;
	if (apply_all(verb, ctx, edit, err)) {
		store_rollback(store);
		return -1;
	}
	if (edit->opts.dry_run)
		store_rollback(store);
	else if (store_commit(store, err))
		return -1;
	tell(verb, edit);
	return 0;
}

static void list_ids(struct edit *edit)
{
	for (size_t i = 0; i < edit->count; i++)
		edit_row(edit->out, edit->servers[i].id, NULL, 0);
}

static int edit_run(const struct edit_verb *verb, void *ctx, struct edit *edit, char **operands,
		    size_t count, struct err *err)
{
	if (verb->words && verb->words(ctx, edit, &operands, &count, err))
		return -1;
	edit->picked.retired = verb->retired;
	if (edit->picked.list && !edit->form.columns)
		edit->form.columns = "id";
	if (console_open(&edit->console, err))
		return -1;
	edit->out = out_create(stdout, &edit->form, edit_columns, EDIT_COLUMNS, err);
	if (!edit->out || pick_servers(edit, operands, count, err))
		return -1;
	if (!edit->picked.list)
		return change(verb, ctx, edit, err);
	list_ids(edit);
	return 0;
}

static void edit_finish(struct edit *edit)
{
	for (size_t i = 0; i < edit->count; i++)
		server_finish(&edit->servers[i]);
	free(edit->servers);
	free(edit->changes);
	console_close(&edit->console);
	pick_args_finish(&edit->picked);
}

int edit_main(const struct edit_verb *verb, void *ctx, int argc, char **argv)
{
	struct edit edit = {.console = CONSOLE_INIT};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &edit.picked},
	    {"Change", common_opts, &edit.opts},
	    {"Output", out_opts, &edit.form},
	    {verb->title, verb->opts, ctx},
	};
	const struct opt_spec spec = {
	    .command = verb->command,
	    .args = verb->args,
	    .about = verb->about,
	    .operand_complete = verb->operand_complete ? verb->operand_complete
			    : verb->retired	     ? "anyone"
						     : "targets",
	    .groups = groups,
	    .group_count = verb->opts ? 4 : 3,
	    .examples = verb->examples,
	};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		result = 0;
		break;
	case OPT_BAD:
		break;
	case OPT_RUN:
		result =
		    edit_run(verb, ctx, &edit, argv + operands, (size_t)(argc - operands), &err);
		break;
	}
	if (out_finish(edit.out, result ? NULL : &err))
		result = -1;
	edit_finish(&edit);
	return result ? err_report(&err, verb->command) : STATUS_OK;
}
