#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/inventory/import.h"
#include "cmd/inventory/inventory.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/console.h"
#include "lib/room/listing.h"

#define COMMAND "mroom inventory import"

struct import_opts {
	const char *room, *format;
	bool dry_run, keep_going, prune, retire, quiet, setup;
};

static const struct opt import_table[] = {
    {.name = "room",
     .type = OPT_TEXT,
     .offset = offsetof(struct import_opts, room),
     .arg = "NAME",
     .help = "name of the room (default: that of the file, without .txt)",
     .complete = "rooms"},
    {.name = "format",
     .type = OPT_CHOICE,
     .offset = offsetof(struct import_opts, format),
     .help = "what the file is (default: as it looks)",
     .choices = LISTING_FORMS},
    {.letter = 'C',
     .name = "dry-run",
     .type = OPT_FLAG,
     .offset = offsetof(struct import_opts, dry_run),
     .help = "show what would change, and change nothing"},
    {.name = "keep-going",
     .type = OPT_FLAG,
     .offset = offsetof(struct import_opts, keep_going),
     .help = "import the good lines of a file that has bad ones"},
    {.name = "prune",
     .type = OPT_FLAG,
     .offset = offsetof(struct import_opts, prune),
     .help = "remove servers of the room that the file lacks"},
    {.name = "retire",
     .type = OPT_FLAG,
     .offset = offsetof(struct import_opts, retire),
     .help = "retire servers of the room that the file lacks"},
    {.name = "setup",
     .type = OPT_FLAG,
     .offset = offsetof(struct import_opts, setup),
     .help = "then bring the room through the settings' stages: mroom deploy run"},
    {.letter = 'q',
     .name = "quiet",
     .type = OPT_FLAG,
     .offset = offsetof(struct import_opts, quiet),
     .help = "no summary"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom inventory import production.txt",
    "mroom inventory import production --dry-run",
    "generate-list | mroom inventory import - --room cloud --prune",
    "ansible-inventory -i hosts.yml --list | mroom inventory import - --room web",
    "mroom inventory import ~/.machineroom/cache.db",
    NULL,
};

static int check_opts(const struct import_opts *opts, int operands, const char *file,
		      struct err *err)
{
	if (operands != 1)
		return err_set(err, STATUS_USAGE,
			       "expected one FILE, or - for standard input, got %d", operands);
	if (opts->setup && !opts->room && !strcmp(file, "-"))
		return err_set(err, STATUS_USAGE, "--setup needs --room NAME with standard input");
	if (opts->prune && opts->retire)
		return err_set(err, STATUS_USAGE, "--prune and --retire exclude each other");
	return opts->room ? server_check_name("room", opts->room, err) : 0;
}

/* Prints what cannot be read; -1 when that ends the import. */
static int judge_problems(const struct roster *roster, const struct import_source *source,
			  const struct import_opts *opts, struct err *err)
{
	size_t count = roster->problems.count;

	for (size_t i = 0; i < count; i++)
		import_say("%s", roster->problems.at[i]);
	if (!count)
		return 0;
	if (!opts->keep_going)
		return err_set(
		    err, STATUS_USAGE,
		    "%s: %zu line%s cannot be read, so nothing was imported (mend %s, or "
		    "import the others with --keep-going)",
		    source->name, count, count == 1 ? "" : "s", count == 1 ? "it" : "them");
	/* A misspelt line is not a server that is gone. */
	if (opts->prune || opts->retire)
		return err_set(err, STATUS_USAGE,
			       "%s: %zu line%s cannot be read: mend %s before %s", source->name,
			       count, count == 1 ? "" : "s", count == 1 ? "it" : "them",
			       opts->prune ? "--prune" : "--retire");
	return 0;
}

static int import_file(struct console *console, struct import_source *source,
		       const struct import_opts *opts, struct out *out, bool rows, struct err *err)
{
	const struct import_args args = {
	    .room = opts->room,
	    .gone = opts->prune	   ? IMPORT_PRUNE
		    : opts->retire ? IMPORT_RETIRE
				   : IMPORT_KEEP,
	    .dry_run = opts->dry_run,
	};
	struct import_report report = IMPORT_REPORT_INIT;
	struct roster *roster = import_read(source, opts->format, err);
	int result = -1;

	for (size_t i = 0; roster && i < roster->notes.count; i++)
		import_say("%s", roster->notes.at[i]);
	if (!roster || judge_problems(roster, source, opts, err) ||
	    import_rooms(console, source, roster, &args, &report, err))
		goto out;
	if (rows)
		import_print_changes(out, &report);
	if (!opts->quiet)
		import_print_summary(source->title, opts->dry_run, &report, roster->problems.count);
	result = 0;
	if (roster->problems.count)
		result = err_set(err, STATUS_USAGE, "%s: imported without what cannot be read",
				 source->name);
out:
	import_report_finish(&report);
	roster_destroy(roster);
	return result;
}

/* Becomes mroom deploy for the room. */
static int set_up(const char *exec_path, const char *room, struct err *err)
{
	char *path = mem_format("%s/mroom-deploy", exec_path);

	execl(path, path, "run", "-g", room, (char *)NULL);
	err_sys(err, STATUS_CONSOLE, errno, "%s", path);
	free(path);
	return -1;
}

int inventory_import(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct import_source source = {.path = NULL};
	struct import_opts opts = {.room = NULL};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {
	    {"Import", import_table, &opts},
	    {"Output", out_opts, &form},
	};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "FILE|-",
	    .about = "Reads a list of servers of whatever kind into a room: all of it or nothing.",
	    .operand_complete = "file",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	struct out *out = NULL;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		result = 0;
		goto out;
	case OPT_BAD:
		goto out;
	case OPT_RUN:
		break;
	}
	if (check_opts(&opts, argc - operands, argv[operands], &err) ||
	    console_open(&console, &err) ||
	    import_find(&source, argv[operands], opts.room, &console.home, &err))
		goto out;
	out = out_create(stdout, &form, import_columns, IMPORT_COLUMNS, &err);
	if (!out)
		goto out;
	/* On a terminal the summary is enough, unless more was asked for. */
	result = import_file(&console, &source, &opts, out,
			     out_form(out) != OUT_TABLE || form.form || opts.dry_run, &err);
out:
	if (out_finish(out, result ? NULL : &err))
		result = -1;
	if (!result && opts.setup && !opts.dry_run && !io_close_stdout(&err)) {
		char *exec_path = mem_text(console.home.exec_path);

		console_close(&console);
		result = set_up(exec_path, source.room, &err);
		free(exec_path);
	}
	import_source_finish(&source);
	console_close(&console);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
