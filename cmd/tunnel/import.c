#include "cmd/tunnel/tunnel.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"
#include "lib/base/quote.h"
#include "lib/room/tunnel_import.h"

#define COMMAND "mroom tunnel import"

struct import_opts {
	const char *name;
	bool replace;
};

static const struct opt import_table[] = {
    {.name = "name",
     .type = OPT_TEXT,
     .offset = offsetof(struct import_opts, name),
     .arg = "NAME",
     .help = "name of the tunnel (default: that of the file, without .conf or .ovpn)"},
    {.name = "replace",
     .type = OPT_FLAG,
     .offset = offsetof(struct import_opts, replace),
     .help = "take the place of a profile of that name"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom tunnel import wg0.conf --name prod-vpn",
    "mroom tunnel import ~/Downloads/office.ovpn --replace",
    NULL,
};

/* The part of the path behind the last /, and what is before it ("." when nothing). */
static char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return mem_text(slash ? slash + 1 : path);
}

static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? mem_text_n(path, (size_t)(slash - path) + 1) : mem_text(".");
}

static bool ends_in(const char *text, const char *end)
{
	size_t size = strlen(text), length = strlen(end);

	return size > length && !strcmp(text + size - length, end);
}

/* Reads the file into the profile, whose name and row are set. */
static int take_file(struct tunnel *tunnel, const char *path, struct list *notes, struct err *err)
{
	struct buf text = BUF_INIT;
	char *dir = dir_of(path);
	int result;

	buf_reserve(&text, TUNNEL_VALUE_MAX + 2);
	result = io_read_file(path, TUNNEL_VALUE_MAX, &text, err);
	if (!result)
		result = tunnel_check_value("config", text.at, text.len, err);
	if (!result && (ends_in(path, ".ovpn") ||
			(!strstr(text.at, "[Interface]") && strstr(text.at, "remote "))))
		result = tunnel_import_openvpn(tunnel, text.at, dir, notes, err);
	else if (!result)
		result = tunnel_import_wireguard(tunnel, text.at, notes, err);
	buf_wipe(&text);
	free(dir);
	return result;
}

static void say_notes(const char *name, const struct list *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		struct buf text = BUF_INIT;

		quote_terminal(&text, notes->at[i], strlen(notes->at[i]), false);
		fprintf(stderr, "%s: %s\n", name, text.at);
		buf_finish(&text);
	}
}

static char *name_for(const char *path, const struct import_opts *opts)
{
	char *name = opts->name ? mem_text(opts->name) : base_of(path);

	if (!opts->name && (ends_in(name, ".conf") || ends_in(name, ".ovpn")))
		name[strlen(name) - 5] = '\0';
	return name;
}

static int import_file(struct console *console, const char *path, const struct import_opts *opts,
		       struct err *err)
{
	struct tunnel tunnel = TUNNEL_INIT;
	struct list notes = LIST_INIT;
	char *name = name_for(path, opts);
	int result = -1;
	int found;

	if (server_check_name("tunnel", name, err))
		goto out;
	found = store_tunnel_get(console->store, name, &tunnel, err);
	if (found < 0)
		goto out;
	if (found && !opts->replace) {
		err_set(err, STATUS_USAGE, "tunnel %s exists (take its place: --replace)", name);
		goto out;
	}
	if (!found)
		tunnel = (struct tunnel){.name = mem_text(name), .user = mem_text("")};
	if (take_file(&tunnel, path, &notes, err)) {
		err_prefix(err, "%s", path);
		goto out;
	}
	result = store_tunnel_put(console->store, console->box, &tunnel, err);
	if (!result)
		say_notes(name, &notes);
out:
	list_finish(&notes);
	tunnel_finish(&tunnel);
	free(name);
	return result;
}

int tunnel_import(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct import_opts opts = {.name = NULL};
	const struct opt_group groups[] = {{"Import", import_table, &opts}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "FILE",
	    .about =
		"Takes a wg-quick .conf or an .ovpn file as it is; the file may go afterwards.",
	    .operand_complete = "file",
	    .groups = groups,
	    .group_count = 1,
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
		if (argc - operands != 1)
			err_set(&err, STATUS_USAGE, "expected one FILE, got %d", argc - operands);
		else if (!console_open(&console, &err))
			result = import_file(&console, argv[operands], &opts, &err);
		console_close(&console);
		break;
	}
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
