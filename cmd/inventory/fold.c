/* fold and expand: filters between lists of names and their short form. They open no database. */
#include <unistd.h>

#include "cmd/inventory/inventory.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/flow/nodes.h"
#include "lib/flow/range.h"

#define INPUT_MAX ((size_t)256 << 20)

struct words {
	struct list exclude;
	const char *separator;
};

#define AT(field) offsetof(struct words, field)

static const struct opt fold_opts[] = {
    {.letter = 'x',
     .name = "exclude",
     .type = OPT_LIST,
     .offset = AT(exclude),
     .arg = "LIST",
     .help = "leave these out"},
    {.type = OPT_END},
};

static const struct opt expand_opts[] = {
    {.letter = 'x',
     .name = "exclude",
     .type = OPT_LIST,
     .offset = AT(exclude),
     .arg = "LIST",
     .help = "leave these out"},
    {.letter = 's',
     .name = "separator",
     .type = OPT_TEXT,
     .offset = AT(separator),
     .arg = "TEXT",
     .help = "between names (default: a newline)"},
    {.type = OPT_END},
};

/* Lines of standard input, of which the first field counts. */
static int read_stdin(struct nodes *nodes, struct err *err)
{
	struct buf text = BUF_INIT;
	char *line, *next;
	int result = io_read_file("-", INPUT_MAX, &text, err);

	if (!result && strlen(text.at) != text.len)
		result = err_set(err, STATUS_USAGE,
				 "standard input: not a text file (it holds a NUL byte)");
	for (line = text.at; !result && *line; line = next) {
		size_t size = strcspn(line, "\n");
		char *end = line + size;

		next = end + (*end == '\n');
		*end = '\0';
		line[strcspn(line, "\t\r")] = '\0';
		if (*line && *line != '#')
			result = nodes_add(nodes, line, err);
	}
	buf_finish(&text);
	return result;
}

static int collect(struct nodes *nodes, const struct words *words, char **operands, size_t count,
		   struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(operands[i], "-") ? read_stdin(nodes, err)
					      : nodes_add(nodes, operands[i], err))
			return -1;
	if (!count && isatty(STDIN_FILENO))
		return err_set(err, STATUS_USAGE, "nothing named, and nothing on standard input");
	if (!count && read_stdin(nodes, err))
		return -1;
	for (size_t i = 0; i < words->exclude.count; i++)
		if (nodes_remove(nodes, words->exclude.at[i], err))
			return -1;
	return 0;
}

static void print_expanded(const struct nodes *nodes, const char *separator)
{
	struct buf text = BUF_INIT;
	struct list names = LIST_INIT;

	nodes_list(nodes, &names);
	for (size_t i = 0; i < names.count; i++) {
		buf_text(&text, names.at[i]);
		if (!separator || i + 1 < names.count)
			buf_text(&text, separator ? separator : "\n");
	}
	if (separator && names.count)
		buf_char(&text, '\n');
	fwrite(text.at, 1, text.len, stdout);
	list_finish(&names);
	buf_finish(&text);
}

static void print_folded(const struct nodes *nodes)
{
	struct buf text = BUF_INIT;
	struct list names = LIST_INIT;

	nodes_list(nodes, &names);
	range_fold(&text, (const char *const *)names.at, names.count);
	if (text.len)
		printf("%s\n", text.at);
	list_finish(&names);
	buf_finish(&text);
}

static int run(struct opt_spec *spec, bool folds, int argc, char **argv)
{
	struct words words = {LIST_INIT, NULL};
	const struct opt_group groups[] = {{"Names", folds ? fold_opts : expand_opts, &words}};
	struct nodes *nodes = nodes_create();
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	spec->groups = groups;
	spec->group_count = 1;
	switch (opt_parse(spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		result = 0;
		goto out;
	case OPT_BAD:
		goto out;
	case OPT_RUN:
		break;
	}
	result = collect(nodes, &words, argv + operands, (size_t)(argc - operands), &err);
	if (result)
		goto out;
	if (folds)
		print_folded(nodes);
	else
		print_expanded(nodes, words.separator);
out:
	spec->groups = NULL;
	spec->group_count = 0;
	nodes_destroy(nodes);
	list_finish(&words.exclude);
	return result ? err_report(&err, spec->command) : STATUS_OK;
}

int inventory_fold(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom inventory ls --columns id @production | mroom inventory fold",
	    "mroom inventory fold web-01 web-02 web-03", NULL};
	struct opt_spec spec = {
	    .command = "mroom inventory fold",
	    .args = "[LIST...]",
	    .about =
		"Prints names in their short form, web-[01-03,07]. A filter; asks no database.",
	    .examples = examples,
	};

	return run(&spec, true, argc, argv);
}

int inventory_expand(int argc, char **argv)
{
	static const char *const examples[] = {"mroom inventory expand 'web-[01-12,15]'",
					       "mroom inventory expand 'r[1-4]n[1-8]&r[2-9]n[1-4]'",
					       NULL};
	struct opt_spec spec = {
	    .command = "mroom inventory expand",
	    .args = "[LIST...]",
	    .about = "Prints the names that a list stands for. A filter; asks no database.",
	    .examples = examples,
	};

	return run(&spec, false, argc, argv);
}
