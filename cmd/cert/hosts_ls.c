#include "cmd/cert/hosts.h"
#include "lib/base/mem.h"
#include "lib/wire/blob.h"

#define LS "mroom cert hosts ls"
#define EXPORT "mroom cert hosts export"

static const struct out_column columns[] = {
    {"id", OUT_TEXT, false},   {"host", OUT_TEXT, false},	 {"port", OUT_INT, false},
    {"type", OUT_TEXT, false}, {"fingerprint", OUT_TEXT, false}, {"file", OUT_TEXT, false},
    {"line", OUT_INT, false},
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

struct listing {
	struct out *out; /* NULL: lines for a known_hosts file */
	const struct place *place;
	struct buf *text;
};

static void list_key(void *ctx, const struct hostkey_where *where, const void *blob, size_t size)
{
	struct listing *listing = ctx;
	const struct place *place = listing->place;
	struct blob reader = blob_of(blob, size), type = blob_string(&reader);
	char port[24], line[24], *name;

	if (!listing->out) {
		knownhosts_line(listing->text, place->host, place->port, blob, size);
		buf_char(listing->text, '\n');
		return;
	}
	name = mem_text_n((const char *)type.at, type.left);
	snprintf(port, sizeof(port), "%ld", place->port);
	snprintf(line, sizeof(line), "%ld", where->line);
	out_row(listing->out,
		(const char *const[COLUMNS]){place->server->id, place->host, port, name,
					     where->fingerprint, where->file, line});
	free(name);
}

static int list_place(void *ctx, const struct place *place, struct err *err)
{
	struct listing *listing = ctx;

	(void)err;
	listing->place = place;
	knownhosts_each(place->known, place->host, place->port, list_key, listing);
	return 0;
}

static const char *const ls_examples[] = {
    "mroom cert hosts ls",
    "mroom cert hosts ls @production --json",
    NULL,
};

int hosts_ls(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct pick_args picked = {.all = false};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &picked},
	    {"Output", out_opts, &form},
	};
	const struct opt_spec spec = {
	    .command = LS,
	    .args = "[TARGETS]",
	    .about = "Lists the host keys that servers are known by, and where each stands.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 2,
	    .examples = ls_examples,
	};
	struct listing listing = {NULL, NULL, NULL};
	struct err err = ERR_INIT;
	int operands, rc = cert_parse(&spec, argc, argv, &operands, &err);

	if (rc < 1)
		goto out;
	rc = -1;
	if (console_open(&console, &err))
		goto out;
	if (!picked.list)
		listing.out = out_create(stdout, &form, columns, COLUMNS, &err);
	if (picked.list || listing.out)
		rc = hosts_each(&console,
				&(struct place_call){&picked, argv + operands,
						     (size_t)(argc - operands), PICK_SHOW},
				list_place, &listing, &err);
out:
	out_finish(listing.out, rc < 0 ? NULL : &err);
	console_close(&console);
	pick_args_finish(&picked);
	return cert_exit(LS, STATUS_OK, &err);
}

static const char *const export_examples[] = {
    "mroom cert hosts export @production >known_hosts",
    NULL,
};

int hosts_export(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct pick_args picked = {.all = false};
	const struct opt_group groups[] = {{"Targets", pick_opts, &picked}};
	const struct opt_spec spec = {
	    .command = EXPORT,
	    .args = "[TARGETS]",
	    .about = "Prints the host keys of servers as a known_hosts file, names in clear.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 1,
	    .examples = export_examples,
	};
	struct buf text = BUF_INIT;
	struct listing listing = {NULL, NULL, &text};
	struct err err = ERR_INIT;
	int operands, rc = cert_parse(&spec, argc, argv, &operands, &err);

	if (rc == 1 && !console_open(&console, &err) &&
	    !hosts_each(&console,
			&(struct place_call){&picked, argv + operands, (size_t)(argc - operands),
					     PICK_SHOW},
			list_place, &listing, &err))
		fwrite(text.at, 1, text.len, stdout);
	console_close(&console);
	pick_args_finish(&picked);
	buf_finish(&text);
	return cert_exit(EXPORT, STATUS_OK, &err);
}
