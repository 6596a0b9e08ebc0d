/* mroom-inventory-ansible: the inventory as a dynamic one of Ansible (ansible -i THIS_FILE). */
#include <jansson.h>
#include <stdlib.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"
#include "lib/room/export.h"
#include "lib/room/pick.h"

#define COMMAND "mroom-inventory-ansible"

struct ansible_opts {
	bool list;
	const char *host;
};

static const struct opt table[] = {
    {.name = "list",
     .type = OPT_FLAG,
     .offset = offsetof(struct ansible_opts, list),
     .help = "all groups and hosts"},
    {.name = "host",
     .type = OPT_TEXT,
     .offset = offsetof(struct ansible_opts, host),
     .arg = "NAME",
     .help = "the variables of one host"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "ansible -i \"$(mroom --exec-path)/mroom-inventory-ansible\" production -m ping",
    NULL,
};

struct gathered {
	struct server *at;
	size_t count, cap;
};

static int gather(void *ctx, const struct server *server, struct err *err)
{
	struct gathered *all = ctx;

	(void)err;
	if (all->count == all->cap) {
		all->cap = all->cap ? all->cap * 2 : 64;
		all->at = mem_resize(all->at, all->cap, sizeof(*all->at));
	}
	server_copy(&all->at[all->count++], server);
	return 0;
}

static int gather_picked(struct console *console, const struct ansible_opts *opts,
			 struct gathered *all, struct err *err)
{
	struct pick_args args = {.all = !opts->host};
	struct pick *pick;
	int result;

	if (opts->host)
		list_add(&args.where, opts->host);
	pick = pick_create(console->store, &args, NULL, 0, PICK_SHOW, gather, all, err);
	result = pick ? pick_all(pick, err) : -1;
	pick_destroy(pick);
	pick_args_finish(&args);
	return result;
}

/* Of the whole inventory of one host only its variables. */
static void print_host(const char *inventory, const char *host)
{
	json_t *all = json_loads(inventory, 0, NULL);
	json_t *vars =
	    json_object_get(json_object_get(json_object_get(all, "_meta"), "hostvars"), host);
	char *text = vars ? json_dumps(vars, JSON_INDENT(2)) : NULL;

	printf("%s\n", text ? text : "{}");
	free(text);
	json_decref(all);
}

static int answer(const struct ansible_opts *opts, struct err *err)
{
	struct console console = CONSOLE_INIT;
	struct gathered all = {NULL, 0, 0};
	struct export export = {.console = &console};
	struct buf text = BUF_INIT;
	int result = -1;

	if (console_open(&console, err) || gather_picked(&console, opts, &all, err))
		goto out;
	export.servers = all.at;
	export.count = all.count;
	if (export_write(&export, "ansible", &text, err))
		goto out;
	if (opts->host)
		print_host(text.at, opts->host);
	else
		fwrite(text.at, 1, text.len, stdout);
	result = io_close_stdout(err);
out:
	buf_finish(&text);
	for (size_t i = 0; i < all.count; i++)
		server_finish(&all.at[i]);
	free(all.at);
	list_finish(&export.left_out);
	console_close(&console);
	return result;
}

int main(int argc, char **argv)
{
	struct ansible_opts opts = {.list = false};
	const struct opt_group groups[] = {{"Options", table, &opts}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "--list | --host NAME",
	    .about =
		"The inventory as Ansible asks for it. Retired servers and passwords are left out.",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int operands;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return io_close_stdout(&err) ? err_report(&err, COMMAND) : STATUS_OK;
	case OPT_BAD:
		return err_report(&err, COMMAND);
	case OPT_RUN:
		break;
	}
	if (operands < argc || opts.list == (opts.host != NULL))
		err_set(&err, STATUS_USAGE, "either --list or --host NAME");
	else if (!answer(&opts, &err))
		return STATUS_OK;
	return err_report(&err, COMMAND);
}
