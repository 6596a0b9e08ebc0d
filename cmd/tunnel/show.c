#include "cmd/tunnel/tunnel.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"
#include "lib/base/quote.h"
#include "lib/flow/out.h"

#define COMMAND "mroom tunnel show"

enum { NAME, KEY, VALUE, STATUS, COLUMNS };

static const struct out_column columns[COLUMNS] = {
    [NAME] = {"tunnel", OUT_TEXT, false},
    [KEY] = {"field", OUT_TEXT, false},
    [VALUE] = {"value", OUT_TEXT, false},
    [STATUS] = {"status", OUT_TEXT, false},
};

static const char *const examples[] = {
    "mroom tunnel show prod-vpn",
    "mroom tunnel show prod-vpn | awk -F'\\t' '$4 == \"missing\"'",
    NULL,
};

static void print_field(struct out *out, const char *name, const char *key, const char *value,
			const char *status)
{
	out_row(out, (const char *const[COLUMNS]){
			 [NAME] = name, [KEY] = key, [VALUE] = value, [STATUS] = status});
}

/* What is missing: "KEY: what it is" each. */
static void print_missing(struct out *out, const char *name, const struct list *missing)
{
	for (size_t i = 0; i < missing->count; i++) {
		const char *text = missing->at[i];
		size_t size = strcspn(text, ":");
		char *key = mem_text_n(text, size);

		print_field(out, name, key, text[size] ? text + size + 2 : NULL, "missing");
		free(key);
	}
}

static void print_tunnel(const struct home *home, const struct tunnel *tunnel, struct out *out)
{
	struct check check = CHECK_INIT;
	struct err none = ERR_INIT;
	char *path = tunnel_driver_find(home, tunnel->type, &none);

	print_field(out, tunnel->name, "type", tunnel->type, path ? "set" : none.text);
	if (*tunnel->server)
		print_field(out, tunnel->name, "server", tunnel->server, "set");
	if (*tunnel->user)
		print_field(out, tunnel->name, "user", tunnel->user, "set");
	for (size_t i = 0; i < tunnel->field_count; i++)
		print_field(out, tunnel->name, tunnel->fields[i].key,
			    tunnel->fields[i].secret ? NULL : tunnel->fields[i].value,
			    tunnel->fields[i].secret ? "sealed" : "set");
	if (path && !check_ask(home, path, tunnel, &check, &none))
		print_missing(out, tunnel->name, &check.missing);
	for (size_t i = 0; i < check.programs.count; i++)
		print_field(out, tunnel->name, "program", check.programs.at[i], "not installed");
	for (size_t i = 0; i < check.cannot.count; i++)
		print_field(out, tunnel->name, "console", check.cannot.at[i], "unfit");
	check_finish(&check);
	free(path);
}

static int show(struct console *console, char **names, size_t count, struct out *out,
		struct err *err)
{
	if (!count)
		return err_set(err, STATUS_USAGE, "no tunnel named (see: mroom tunnel ls)");
	for (size_t i = 0; i < count; i++) {
		struct tunnel tunnel = TUNNEL_INIT;

		if (store_tunnel_need(console->store, names[i], &tunnel, err))
			return -1;
		print_tunnel(&console->home, &tunnel, out);
		tunnel_finish(&tunnel);
	}
	return 0;
}

int tunnel_show(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "NAME...",
	    .about =
		"Shows profiles field by field, and names what they lack; secrets stay sealed.",
	    .operand_complete = "tunnels",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	struct out *out = NULL;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return STATUS_OK;
	case OPT_BAD:
		goto out;
	case OPT_RUN:
		break;
	}
	if (console_open(&console, &err))
		goto out;
	out = out_create(stdout, &form, columns, COLUMNS, &err);
	if (out)
		result = show(&console, argv + operands, (size_t)(argc - operands), out, &err);
out:
	if (out_finish(out, result ? NULL : &err))
		result = -1;
	console_close(&console);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
