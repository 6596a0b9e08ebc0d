#include <sodium.h>

#include "cmd/cert/hosts.h"
#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/wire/blob.h"
#include "lib/wire/run_settings.h"

#define COMMAND "mroom cert hosts import"
#define FILE_LIMIT ((size_t)256 << 20)

struct importing {
	const char *file;
	char *own;
	struct knownhosts *known; /* as it was before */
	struct map *have;	  /* the lines of our own file */
	size_t added, there, changed, bad;
	long line;
};

static void complain(struct importing *in, const char *what)
{
	fprintf(stderr, "%s: %s:%ld: %s\n", COMMAND, in->file, in->line, what);
}

/* The key of the third word. */
static bool decode(const char *type, const char *word, struct buf *blob)
{
	size_t size = strlen(word), got = 0;

	buf_clear(blob);
	buf_reserve(blob, size);
	if (sodium_base642bin((unsigned char *)blob->at, size, word, size, NULL, &got, NULL,
			      sodium_base64_VARIANT_ORIGINAL))
		return false;
	blob->len = got;
	struct blob reader = blob_of(blob->at, got), named = blob_string(&reader);
	return !named.bad && blob_equals(&named, type);
}

/* "host" or "[host]:port" as known_hosts writes it. */
static long split_name(char *name, char **host)
{
	char *end = *name == '[' ? strchr(name, ']') : NULL;

	*host = name;
	if (!end || end[1] != ':')
		return 22;
	*end = '\0';
	*host = name + 1;
	return strtol(end + 2, NULL, 10);
}

/* Whether any plain name of the line is known by another key: that needs a review, not an import.
 */
static bool differs(struct importing *in, const char *names, const struct buf *blob)
{
	struct list list = LIST_INIT;
	struct hostkey_where where;
	bool yes = false;

	if (strpbrk(names, "*?!|"))
		return false;
	list_split(&list, names, ',');
	for (size_t i = 0; i < list.count && !yes; i++) {
		char *host;
		long port = split_name(list.at[i], &host);

		yes = knownhosts_check(in->known, host, port, blob->at, blob->len, &where) ==
		      HOSTKEY_CHANGED;
		if (yes) {
			char *what = mem_format("%s is known by another key (%s:%ld %s)", host,
						where.file, where.line, where.fingerprint);

			complain(in, what);
			free(what);
		}
	}
	list_finish(&list);
	return yes;
}

/* The lines of our own file, which need not exist. */
static void read_own(struct importing *in)
{
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;

	in->have = map_create();
	if (io_read_file(in->own, FILE_LIMIT, &text, &ignored))
		goto out;
	for (char *at = text.at, *next; at; at = next) {
		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		at[strcspn(at, "\r")] = '\0';
		map_mark(in->have, at);
	}
out:
	buf_finish(&text);
}

static int import_line(struct importing *in, char *line, struct err *err)
{
	struct list words = LIST_INIT;
	struct buf blob = BUF_INIT;
	size_t from;
	int rc = 0;

	line[strcspn(line, "\r")] = '\0';
	for (char *at = line; *at; at++) {
		if (*at == '\t')
			*at = ' ';
	}
	list_split(&words, line, ' ');
	if (!words.count || words.at[0][0] == '#')
		goto out;
	from = words.at[0][0] == '@';
	if (words.count < from + 3 || !decode(words.at[from + 1], words.at[from + 2], &blob)) {
		in->bad++;
		complain(in, "no line of a known_hosts file");
	} else if (!map_mark(in->have, line)) {
		in->there++;
	} else if (!from && differs(in, words.at[0], &blob)) {
		in->changed++;
	} else {
		rc = knownhosts_append(in->own, line, err);
		in->added++;
	}
out:
	list_finish(&words);
	buf_finish(&blob);
	return rc;
}

static int import_file(struct console *console, struct importing *in, struct err *err)
{
	const char *const nobody[] = {NULL};
	struct buf text = BUF_INIT;
	int rc = -1;

	in->own = home_path(&console->home, "known_hosts");
	in->known = knownhosts_open(in->own, nobody, err);
	if (!in->known || io_read_file(in->file, FILE_LIMIT, &text, err))
		goto out;
	read_own(in);
	rc = 0;
	for (char *at = text.at, *next; at && !rc; at = next) {
		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		in->line++;
		rc = import_line(in, at, err);
	}
out:
	buf_finish(&text);
	return rc;
}

static const char *const examples[] = {
    "mroom cert hosts import known_hosts.old",
    "ssh-keyscan -f hosts | mroom cert hosts import -",
    NULL,
};

int hosts_import(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "FILE|-",
	    .about = "Learns the keys of a known_hosts file; changed ones are refused.",
	    .operand_complete = "file",
	    .examples = examples,
	};
	struct importing in = {.file = NULL};
	struct err err = ERR_INIT;
	int operands, rc = cert_parse(&spec, argc, argv, &operands, &err);

	if (rc < 1)
		goto out;
	if (argc - operands != 1) {
		err_set(&err, STATUS_USAGE, "expected one FILE, or - for standard input");
		goto out;
	}
	in.file = argv[operands];
	if (console_open(&console, &err) || import_file(&console, &in, &err))
		goto out;
	fprintf(stderr, "%zu added, %zu known already, %zu changed, %zu malformed\n", in.added,
		in.there, in.changed, in.bad);
	if (in.changed + in.bad > 0)
		err_set(&err, STATUS_USAGE, "%s: imported without what is told above", in.file);
out:
	free(in.own);
	knownhosts_close(in.known);
	map_destroy(in.have);
	console_close(&console);
	return cert_exit(COMMAND, STATUS_OK, &err);
}
