#include "cmd/tunnel/tunnel.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"
#include "lib/flow/out.h"

#define COMMAND "mroom tunnel drivers"

enum { DRIVER, WORKS, INSTALL, ABOUT, FIELDS, PATH, COLUMNS };

static const struct out_column columns[COLUMNS] = {
    [DRIVER] = {"driver", OUT_TEXT, false},   [WORKS] = {"works", OUT_BOOL, false},
    [INSTALL] = {"why_not", OUT_TEXT, false}, [ABOUT] = {"about", OUT_TEXT, false},
    [FIELDS] = {"fields", OUT_LIST, true},    [PATH] = {"path", OUT_TEXT, true},
};

static const char *const examples[] = {
    "mroom tunnel drivers",
    "mroom tunnel drivers --columns driver,fields ikev2",
    NULL,
};

static char *why_not(const struct check *check, const struct err *err)
{
	char *programs = list_join(&check->programs, ", ");
	char *cannot = list_join(&check->cannot, ", ");
	char *text;

	if (*err->text)
		text = mem_text(err->text);
	else
		text = mem_format("%s%s%s%s", *programs ? "not installed: " : "", programs,
				  *programs && *cannot ? "; " : "", cannot);
	free(programs);
	free(cannot);
	return text;
}

static int print_driver(const struct home *home, const char *name, struct out *out, struct err *err)
{
	struct check check = CHECK_INIT;
	struct err own = ERR_INIT;
	char *path = tunnel_driver_find(home, name, err);
	char *why, *fields;

	if (!path)
		return -1;
	check_ask(home, path, NULL, &check, &own);
	why = why_not(&check, &own);
	fields = list_join(&check.fields, ",");
	out_row(out, (const char *const[COLUMNS]){
			 [DRIVER] = name,
			 [WORKS] = *why ? "0" : "1",
			 [INSTALL] = *why ? why : NULL,
			 [ABOUT] = check.about,
			 [FIELDS] = fields,
			 [PATH] = path,
		     });
	free(why);
	free(fields);
	free(path);
	check_finish(&check);
	return 0;
}

static int print_drivers(const struct home *home, char **operands, size_t count, struct out *out,
			 struct err *err)
{
	struct list names = LIST_INIT;
	int result = 0;

	for (size_t i = 0; i < count; i++)
		list_take(&names, tunnel_driver_name(operands[i]));
	if (!count)
		tunnel_driver_names(home, &names);
	for (size_t i = 0; i < names.count && !result; i++)
		result = print_driver(home, names.at[i], out, err);
	list_finish(&names);
	return result;
}

int tunnel_drivers(int argc, char **argv)
{
	struct home home = {NULL, NULL, NULL};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "[DRIVER...]",
	    .operand_complete = "drivers",
	    .about = "Lists drivers: which can work here, and what to install where they cannot.",
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
	if (home_find(&home, &err))
		goto out;
	out = out_create(stdout, &form, columns, COLUMNS, &err);
	if (out)
		result =
		    print_drivers(&home, argv + operands, (size_t)(argc - operands), out, &err);
out:
	if (out_finish(out, result ? NULL : &err))
		result = -1;
	home_finish(&home);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
