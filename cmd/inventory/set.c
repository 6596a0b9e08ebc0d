/* set: changes fields of servers. */
#include "cmd/inventory/edit.h"
#include "cmd/inventory/fields.h"
#include "cmd/inventory/inventory.h"
#include "lib/room/store_edit.h"

struct set {
	struct fields fields;
	struct server to; /* texts are borrowed */
	unsigned bits;
	struct buf password;
};

static const char *const examples[] = {
    "mroom inventory set web-07 --host 10.0.0.17 --port 2222",
    "mroom inventory set @production --user deploy --key ~/.ssh/deploy",
    "mroom inventory set db-01 --ask-password",
    NULL,
};

static int check(void *ctx, struct edit *edit, char ***operands, size_t *count, struct err *err)
{
	struct set *set = ctx;

	(void)edit;
	(void)operands;
	(void)count;
	if (fields_read(&set->fields, &set->to, &set->bits, err))
		return -1;
	if (!set->bits && !fields_password(&set->fields))
		return err_set(err, STATUS_USAGE, "what is to be set? (see: set --help)");
	return 0;
}

static int read_password(void *ctx, struct edit *edit, struct err *err)
{
	struct set *set = ctx;

	if (edit->opts.dry_run || !edit->count)
		return 0;
	return fields_read_password(&set->fields, &set->password, err);
}

static int set_server(void *ctx, struct edit *edit, const struct server *server, unsigned *fields,
		      struct err *err)
{
	struct set *set = ctx;
	int password;

	if (store_server_set(edit->console.store, server->row, &set->to, set->bits, fields, err))
		return -1;
	if (edit->opts.dry_run)
		return *fields != 0;
	password =
	    fields_store_password(&set->fields, &edit->console, server->id, &set->password, err);
	if (password < 0)
		return -1;
	if (password)
		*fields |= IMPORT_PASSWORD;
	return *fields != 0;
}

int inventory_set(int argc, char **argv)
{
	static const struct edit_verb verb = {
	    .command = "mroom inventory set",
	    .args = "TARGETS",
	    .about = "Changes fields of servers; an empty value unsets one.",
	    .examples = examples,
	    .title = "Fields",
	    .opts = fields_opts,
	    .done = "changed",
	    .words = check,
	    .prepare = read_password,
	    .apply = set_server,
	    .settle = edit_close_ranks,
	};
	struct set set = {.bits = 0, .password = BUF_INIT};
	int status = edit_main(&verb, &set, argc, argv);

	buf_wipe(&set.password);
	return status;
}
