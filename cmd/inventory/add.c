/* add and rename: verbs of exactly one server. */
#include "cmd/inventory/edit.h"
#include "cmd/inventory/fields.h"
#include "cmd/inventory/import.h"
#include "cmd/inventory/inventory.h"
#include "lib/base/mem.h"
#include "lib/room/store_edit.h"

static const char *const add_examples[] = {
    "mroom inventory add web-08 root@10.0.0.18:2222 --room production",
    "mroom inventory add db-02 --host 10.0.0.32 --user admin --password-file pw",
    NULL,
};

/* [user@]host[:port], or a bare name; options go before it. `own` keeps the texts. */
static int read_address(const char *text, struct server *to, struct server *own, struct err *err)
{
	int form = server_parse_address(text, own, err);

	if (form < 0)
		return -1;
	if (!form) {
		own->host = mem_text(text);
		if (server_check_host(own->host, err))
			return -1;
	}
	if (!to->host)
		to->host = own->host;
	if (!to->user)
		to->user = own->user;
	if (!to->port)
		to->port = own->port;
	return 0;
}

static int add(const struct console *console, const struct server *server,
	       const struct fields *fields, const struct buf *password, struct err *err)
{
	int64_t row;

	if (store_begin(console->store, err))
		return -1;
	if (store_server_add(console->store, server, &row, err) ||
	    fields_store_password(fields, console, server->id, password, err) < 0) {
		store_rollback(console->store);
		return -1;
	}
	return store_commit(console->store, err);
}

static int add_run(const struct fields *fields, char **operands, int count, struct err *err)
{
	struct console console = CONSOLE_INIT;
	struct buf password = BUF_INIT;
	struct server server, own;
	unsigned bits = 0;
	int result = -1;

	server_init(&server);
	server_init(&own);
	if (count < 1 || count > 2) {
		err_set(err, STATUS_USAGE, "expected ID [[USER@]HOST[:PORT]], got %d words", count);
		goto out;
	}
	server.id = operands[0];
	if (server_check_id(server.id, err) || fields_read(fields, &server, &bits, err) ||
	    (count == 2 && read_address(operands[1], &server, &own, err)))
		goto out;
	if (!server.host) {
		err_set(err, STATUS_USAGE, "%s needs a host", server.id);
		goto out;
	}
	if (console_open(&console, err) || fields_read_password(fields, &password, err) ||
	    add(&console, &server, fields, &password, err))
		goto out;
	result = 0;
out:
	buf_wipe(&password);
	server_finish(&own);
	console_close(&console);
	return result;
}

int inventory_add(int argc, char **argv)
{
	struct fields fields = {.host = NULL};
	const struct opt_group groups[] = {{"Fields", fields_opts, &fields}};
	const struct opt_spec spec = {
	    .command = "mroom inventory add",
	    .args = "ID [[USER@]HOST[:PORT]]",
	    .about = "Adds one server.",
	    .groups = groups,
	    .group_count = 1,
	    .examples = add_examples,
	};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return STATUS_OK;
	case OPT_BAD:
		break;
	case OPT_RUN:
		result = add_run(&fields, argv + operands, argc - operands, &err);
		break;
	}
	return result ? err_report(&err, spec.command) : STATUS_OK;
}

/* --- rename --- */

static int rename_in(const struct console *console, const char *from, const char *to,
		     struct err *err)
{
	struct server server;
	int found = store_server_get(console->store, from, &server, err);
	int result;

	if (found < 1)
		return found ? -1
			     : err_set(err, STATUS_USAGE,
				       "no server '%s' (see: mroom inventory ls)", from);
	result = store_server_rename(console->store, server.row, to, err) ||
		 secret_move(console->box, console->store, SECRET_SERVER_PASSWORD, from, to, err);
	server_finish(&server);
	return result ? -1 : 0;
}

static int rename_run(char **operands, int count, struct err *err)
{
	struct console console = CONSOLE_INIT;
	int result = -1;

	if (count != 2)
		return err_set(err, STATUS_USAGE, "expected OLD NEW, got %d words", count);
	if (server_check_id(operands[1], err))
		return -1;
	if (console_open(&console, err) || store_begin(console.store, err))
		goto out;
	if (rename_in(&console, operands[0], operands[1], err))
		store_rollback(console.store);
	else
		result = store_commit(console.store, err);
out:
	console_close(&console);
	return result;
}

int inventory_rename(int argc, char **argv)
{
	static const char *const examples[] = {"mroom inventory rename web-7 web-07", NULL};
	const struct opt_group groups[] = {{NULL, NULL, NULL}};
	const struct opt_spec spec = {
	    .command = "mroom inventory rename",
	    .args = "OLD NEW",
	    .about = "Gives a server another id; state, tags and password go along.",
	    .operand_complete = "servers -",
	    .groups = groups,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return STATUS_OK;
	case OPT_BAD:
		break;
	case OPT_RUN:
		result = rename_run(argv + operands, argc - operands, &err);
		break;
	}
	return result ? err_report(&err, spec.command) : STATUS_OK;
}
