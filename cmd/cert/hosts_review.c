#include "cmd/cert/hosts.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/blob.h"

#define REVIEW "mroom cert hosts review"
#define ACCEPT "mroom cert hosts accept"

static const struct out_column columns[] = {
    {"id", OUT_TEXT, false},	{"state", OUT_TEXT, false}, {"host", OUT_TEXT, false},
    {"port", OUT_INT, false},	{"type", OUT_TEXT, false},  {"fingerprint", OUT_TEXT, false},
    {"known", OUT_TEXT, false}, {"where", OUT_TEXT, false}, {"seen", OUT_TEXT, false},
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

static void print_row(struct out *out, const struct hostkey_row *row)
{
	struct blob reader = blob_of(row->blob, row->size), type = blob_string(&reader);
	char *name = mem_text_n((const char *)type.at, type.left);
	char *where = row->file ? mem_format("%s:%ld", row->file, row->line) : NULL;
	struct buf seen = BUF_INIT;
	char port[24];

	snprintf(port, sizeof(port), "%ld", row->port);
	clock_show(&seen, row->seen_ms);
	out_row(out, (const char *const[COLUMNS]){row->server, row->state, row->host, port, name,
						  row->fingerprint, row->old, where, seen.at});
	free(name);
	free(where);
	buf_finish(&seen);
}

/* Which rows are meant: by id or fingerprint, or what the options say. */
struct wish {
	struct map *words; /* -> "was met" */
	bool all_new, everything;
	struct out *out;
	struct console *console;
	char *own;
	struct hostkey_row *rows; /* copies: the store is not written while it is walked */
	size_t count;
};

static bool wanted(struct wish *wish, const struct hostkey_row *row)
{
	static char met;
	bool named = false;

	if (map_get(wish->words, row->server)) {
		map_set(wish->words, row->server, &met);
		named = true;
	}
	if (map_get(wish->words, row->fingerprint)) {
		map_set(wish->words, row->fingerprint, &met);
		named = true;
	}
	return named || wish->everything ||
	       (wish->all_new && strcmp(row->state, HOSTKEY_DIFFERS) != 0);
}

static int review_row(void *ctx, const struct hostkey_row *row, struct err *err)
{
	struct wish *wish = ctx;

	(void)err;
	if (wanted(wish, row))
		print_row(wish->out, row);
	return 0;
}

static int keep_row(void *ctx, const struct hostkey_row *row, struct err *err)
{
	struct wish *wish = ctx;
	struct hostkey_row *kept;

	(void)err;
	if (!wanted(wish, row))
		return 0;
	wish->rows = mem_resize(wish->rows, wish->count + 1, sizeof(*wish->rows));
	kept = &wish->rows[wish->count++];
	*kept = *row;
	kept->server = mem_text(row->server);
	kept->host = mem_text(row->host);
	kept->state = mem_text(row->state);
	kept->blob = mem_copy(row->blob, row->size);
	kept->fingerprint = mem_text(row->fingerprint);
	kept->old = mem_text(row->old);
	kept->file = mem_text(row->file);
	return 0;
}

static void wish_init(struct wish *wish, char **words, int count)
{
	static char asked;

	*wish = (struct wish){.words = map_create(), .everything = count == 0};
	for (int i = 0; i < count; i++)
		map_set(wish->words, words[i], &asked);
}

static void wish_finish(struct wish *wish)
{
	for (size_t i = 0; i < wish->count; i++) {
		struct hostkey_row *row = &wish->rows[i];

		free((void *)(uintptr_t)row->server);
		free((void *)(uintptr_t)row->host);
		free((void *)(uintptr_t)row->state);
		free((void *)(uintptr_t)row->blob);
		free((void *)(uintptr_t)row->fingerprint);
		free((void *)(uintptr_t)row->old);
		free((void *)(uintptr_t)row->file);
	}
	free(wish->rows);
	free(wish->own);
	map_destroy(wish->words);
}

static const char *const review_examples[] = {
    "mroom exec -a -- true; mroom cert hosts review",
    NULL,
};

int hosts_review(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = REVIEW,
	    .args = "[ID|FINGERPRINT]...",
	    .about = "Shows the host keys that runs have met and that nobody has accepted yet.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 1,
	    .examples = review_examples,
	};
	struct wish wish = {.out = NULL};
	struct err err = ERR_INIT;
	int operands, rc = cert_parse(&spec, argc, argv, &operands, &err);

	if (rc < 1)
		return cert_exit(REVIEW, STATUS_OK, &err);
	wish_init(&wish, argv + operands, argc - operands);
	rc = console_open(&console, &err);
	wish.out = rc ? NULL : out_create(stdout, &form, columns, COLUMNS, &err);
	if (wish.out)
		rc = store_hostkey_each(console.store, review_row, &wish, &err);
	out_finish(wish.out, rc ? NULL : &err);
	wish_finish(&wish);
	console_close(&console);
	return cert_exit(REVIEW, STATUS_OK, &err);
}

/* The key goes to our own file; the one it replaces leaves it. What other files say is theirs: ours
 * goes first. */
static int accept_row(struct wish *wish, const struct hostkey_row *row, struct err *err)
{
	struct buf line = BUF_INIT;
	size_t removed;
	int rc = 0;

	knownhosts_line(&line, row->host, row->port, row->blob, row->size);
	if (!strcmp(row->state, HOSTKEY_DIFFERS))
		rc = knownhosts_forget(wish->own, row->host, row->port, &removed, err);
	if (!rc && strcmp(row->state, HOSTKEY_LEARNED) != 0)
		rc = knownhosts_append(wish->own, line.at, err);
	if (!rc)
		rc = store_hostkey_remove(wish->console->store, row->host, row->port, err);
	if (!rc)
		print_row(wish->out, row);
	buf_finish(&line);
	return rc;
}

/* A word that met nothing is a mistake: nothing is accepted then. */
static int check_words(const struct wish *wish, char **words, int count, struct err *err)
{
	for (int i = 0; i < count; i++) {
		bool met = false;

		for (size_t j = 0; j < wish->count && !met; j++)
			met = !strcmp(words[i], wish->rows[j].server) ||
			      !strcmp(words[i], wish->rows[j].fingerprint);
		if (!met)
			return err_set(
			    err, STATUS_USAGE,
			    "'%s': no host key of that server or fingerprint waits for a review",
			    words[i]);
	}
	return 0;
}

struct accept_args {
	bool all_new;
};

static const struct opt accept_opts[] = {
    {.name = "all-new",
     .type = OPT_FLAG,
     .offset = offsetof(struct accept_args, all_new),
     .help = "all keys of servers that were not known before; never a changed one"},
    {.type = OPT_END},
};

static const char *const accept_examples[] = {
    "mroom cert hosts accept --all-new",
    "mroom cert hosts accept web-07 SHA256:Pk3...",
    NULL,
};

int hosts_accept(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct accept_args args = {.all_new = false};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Accept", accept_opts, &args},
					   {"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = ACCEPT,
	    .args = "ID|FINGERPRINT...",
	    .about = "Takes host keys for good; a changed one replaces what was known.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 2,
	    .examples = accept_examples,
	};
	struct wish wish = {.out = NULL};
	struct err err = ERR_INIT;
	int operands, rc = cert_parse(&spec, argc, argv, &operands, &err);

	if (rc < 1)
		return cert_exit(ACCEPT, STATUS_OK, &err);
	wish_init(&wish, argv + operands, argc - operands);
	wish.everything = false;
	wish.all_new = args.all_new;
	wish.console = &console;
	rc = -1;
	if (!args.all_new && operands == argc)
		err_set(&err, STATUS_USAGE, "expected ids, fingerprints or --all-new");
	else
		rc = console_open(&console, &err);
	if (!rc)
		wish.out = out_create(stdout, &form, columns, COLUMNS, &err);
	if (wish.out && !store_hostkey_each(console.store, keep_row, &wish, &err) &&
	    !check_words(&wish, argv + operands, argc - operands, &err)) {
		wish.own = home_path(&console.home, "known_hosts");
		for (size_t i = 0; i < wish.count && err.status == STATUS_OK; i++)
			accept_row(&wish, &wish.rows[i], &err);
	}
	out_finish(wish.out, err.status == STATUS_OK ? &err : NULL);
	wish_finish(&wish);
	console_close(&console);
	return cert_exit(ACCEPT, STATUS_OK, &err);
}
