/* export: servers in the forms that other tools read. */
#include "lib/room/export.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/inventory/import.h"
#include "cmd/inventory/inventory.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/room/pick.h"

#define COMMAND "mroom inventory export"

struct export_opts {
	const char *format, *file;
	bool secrets, yes, retired, quiet;
};

#define AT(field) offsetof(struct export_opts, field)

static const struct opt export_table[] = {
    {.name = "format",
     .type = OPT_CHOICE,
     .offset = AT(format),
     .help = "what to write (default: json)",
     .choices = EXPORT_FORMS},
    {.name = "file",
     .type = OPT_TEXT,
     .offset = AT(file),
     .arg = "FILE",
     .help = "replace FILE rather than write to standard output",
     .complete = "file"},
    {.name = "retired", .type = OPT_FLAG, .offset = AT(retired), .help = "retired servers too"},
    {.name = "secrets",
     .type = OPT_FLAG,
     .offset = AT(secrets),
     .help = "passwords too, in clear: into a file that nobody else can read"},
    {.letter = 'y',
     .name = "yes",
     .type = OPT_FLAG,
     .offset = AT(yes),
     .help = "write passwords wherever it goes"},
    {.letter = 'q',
     .name = "quiet",
     .type = OPT_FLAG,
     .offset = AT(quiet),
     .help = "do not say what is left out"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom inventory export --format ssh_config --file ~/.ssh/mroom.conf",
    "mroom inventory export --format csv @production >production.csv",
    "mroom inventory export --format roster --secrets --file room.txt @production",
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

/* Passwords in clear go to a file of our own making, or to one that is as closed. */
static int check_secrets(const struct export_opts *opts, struct err *err)
{
	struct stat st;

	if (!opts->secrets || opts->yes || opts->file)
		return 0;
	if (!fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode) && !(st.st_mode & 077))
		return 0;
	return err_set(err, STATUS_USAGE,
		       "--secrets goes to a file of mode 0600 (--file FILE makes one), or with -y");
}

/* --file: mode 0600 with secrets, else as the umask says. */
static int write_file(const struct export_opts *opts, const struct buf *text, struct err *err)
{
	mode_t mask = umask(0);

	umask(mask);
	return io_replace_file(opts->file, text->at, text->len,
			       opts->secrets ? 0600 : (int)(0666 & ~mask), err);
}

static int export_run(struct console *console, const struct export_opts *opts,
		      const struct pick_args *picked, char **operands, size_t count,
		      struct err *err)
{
	struct gathered all = {NULL, 0, 0};
	struct export export = {.console = console, .secrets = opts->secrets};
	struct buf text = BUF_INIT;
	struct pick *pick =
	    pick_create(console->store, picked, operands, count, PICK_SHOW, gather, &all, err);
	int result = -1;

	if (!pick || pick_all(pick, err))
		goto out;
	export.servers = all.at;
	export.count = all.count;
	if (export_write(&export, opts->format ? opts->format : "json", &text, err))
		goto out;
	for (size_t i = 0; !opts->quiet && i < export.left_out.count; i++)
		import_say("%s", export.left_out.at[i]);
	if (!opts->file && isatty(STDOUT_FILENO)) {
		struct buf shown = BUF_INIT;

		quote_terminal_lines(&shown, text.at, text.len);
		buf_wipe(&text);
		text = shown;
	}
	if (opts->file)
		result = write_file(opts, &text, err);
	else
		result = fwrite(text.at, 1, text.len, stdout) == text.len
			     ? 0
			     : err_sys(err, STATUS_CONSOLE, errno, "standard output");
out:
	buf_wipe(&text);
	for (size_t i = 0; i < all.count; i++)
		server_finish(&all.at[i]);
	free(all.at);
	list_finish(&export.left_out);
	pick_destroy(pick);
	return result;
}

int inventory_export(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct pick_args picked = {.all = false};
	struct export_opts opts = {.format = NULL};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &picked},
	    {"Export", export_table, &opts},
	};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "[TARGETS]",
	    .about = "Writes servers in the form that another tool reads: those named, or all.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
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
	picked.retired = opts.retired;
	if (check_secrets(&opts, &err) || console_open(&console, &err))
		goto out;
	argv += operands;
	argc -= operands;
	result = picked.list ? pick_list(console.store, &picked, argv, (size_t)argc, PICK_SHOW, &err)
			     : export_run(&console, &opts, &picked, argv, (size_t)argc, &err);
out:
	console_close(&console);
	pick_args_finish(&picked);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
