/* mroom deploy stages: what there is, and what it is about. */
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

#define STAGE_MAX (256 * 1024)
#define COMMAND "mroom deploy stages"

static const struct out_column columns[] = {
    {"stage", OUT_TEXT, false}, {"about", OUT_TEXT, false}, {"file", OUT_TEXT, false}};

/* The first comment line says what a stage is about. */
static int stage_row(const struct console *console, struct out *out, const char *name,
		     struct err *err)
{
	struct buf text = BUF_INIT;
	char *path = stage_path(console, name);
	int rc = path ? io_read_file(path, STAGE_MAX, &text, err) : 0;
	const char *at = text.at;
	char *about;

	if (!path) {
		path = stage_program(name);
		at = "A program of this console's.";
	}
	if (!strncmp(at, "#!", 2))
		at += strcspn(at, "\n") + (at[strcspn(at, "\n")] == '\n');
	at += strspn(at, "# \t");
	about = mem_text_n(at, strcspn(at, "\n"));
	if (rc == 0) {
		const char *values[] = {name, about, path};

		out_row(out, values);
	}
	free(about);
	free(path);
	buf_finish(&text);
	return rc;
}

int deploy_stages(int argc, char **argv)
{
	static const char *const examples[] = {"mroom deploy stages",
					       "mroom deploy stages --columns stage", NULL};
	struct console console = CONSOLE_INIT;
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Output", out_opts, &form}};
	const struct opt_spec spec = {.command = COMMAND,
				      .args = "",
				      .about = "Lists the stages there are.",
				      .groups = groups,
				      .group_count = 1,
				      .examples = examples};
	struct list names = LIST_INIT;
	struct err err = ERR_INIT;
	struct out *out = NULL;
	int operands, rc = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		rc = 0;
		goto out;
	case OPT_BAD:
		goto out;
	default:
		break;
	}
	if (operands < argc) {
		err_set(&err, STATUS_USAGE, "%s takes no arguments", COMMAND);
		goto out;
	}
	if (console_open(&console, &err) || stages_all(&console, &names, &err))
		goto out;
	out = out_create(stdout, &form, columns, 3, &err);
	rc = out ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < names.count; i++)
		rc = stage_row(&console, out, names.at[i], &err);
out:
	if (out_finish(out, rc ? NULL : &err))
		rc = -1;
	list_finish(&names);
	console_close(&console);
	return rc ? err_report(&err, COMMAND) : STATUS_OK;
}
