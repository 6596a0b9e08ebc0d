/* mroom NAME [ARG...]: becomes mroom-NAME. */
#include <stddef.h>

#include "cmd/mroom/mroom.h"
#include "lib/base/io.h"

struct main_opts {
	bool version, exec_path, commands, aliases;
};

#define AT(field) offsetof(struct main_opts, field)

static const struct opt main_table[] = {
	{0, "version", OPT_FLAG, AT(version), NULL, "show the version", NULL, 0, 0, NULL},
	{0, "exec-path", OPT_FLAG, AT(exec_path), NULL, "show where the tools are", NULL, 0, 0, NULL},
	{0, "list-commands", OPT_FLAG, AT(commands), NULL, "list all commands", NULL, 0, 0, NULL},
	{0, "list-aliases", OPT_FLAG, AT(aliases), NULL, "list aliases and what they stand for", NULL, 0,
	 0, NULL},
	{0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

static const char *const examples[] = {
	"mroom inventory import production.txt",
	"mroom exec -w @production -- uptime",
	"mroom help exec",
	NULL,
};

static int list_commands(const struct home *home)
{
	struct list own = LIST_INIT, foreign = LIST_INIT;

	find_tools(home, &own, &foreign);
	list_add(&own, "help");
	for (size_t i = 0; i < foreign.count; i++)
		list_add(&own, foreign.at[i]);
	list_sort(&own);
	for (size_t i = 0; i < own.count; i++)
		printf("%s\n", own.at[i]);
	list_finish(&own);
	list_finish(&foreign);
	return 0;
}

/* What an option asks for: 0, or -1. */
static int answer(const struct main_opts *opts, const struct home *home, struct err *err)
{
	if (opts->exec_path) {
		printf("%s\n", home->exec_path);
		return 0;
	}
	return opts->commands ? list_commands(home) : alias_list(home, err);
}

/* `operands` begins with the command's name. Returns only for what is answered here. */
static int dispatch(const struct opt_spec *spec, const struct home *home, char **operands,
		    struct err *err)
{
	if (strcmp(operands[0], "help") != 0)
		return run_command(home, operands, err);
	if (!operands[1] || !strcmp(operands[1], "--help")) {
		help_overview(spec, home);
		return 0;
	}
	if (!strcmp(operands[1], "--list-options"))
		return 0;
	return help_run(spec, home, operands[1], err);
}

static int run(const struct opt_spec *spec, struct main_opts *opts, int argc, char **argv,
	       struct err *err)
{
	struct home home = {NULL, NULL, NULL};
	struct err no_home = ERR_INIT;
	bool found = !home_find(&home, &no_home);
	int operands, result = 0;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		help_overview(spec, &home);
		goto out;
	}
	switch (opt_parse(spec, argc, argv, &operands, NULL, err)) {
	case OPT_SHOWN:
		goto out;
	case OPT_BAD:
		result = -1;
		goto out;
	case OPT_RUN:
		break;
	}
	if (opts->version) {
		printf("mroom " MROOM_VERSION "\n");
	} else if (!found && !opts->exec_path && !opts->commands &&
		   (opts->aliases || operands < argc)) {
		*err = no_home;
		result = -1;
	} else if (opts->exec_path || opts->commands || opts->aliases) {
		result = answer(opts, &home, err);
	} else if (operands < argc) {
		result = dispatch(spec, &home, argv + operands, err);
	} else {
		help_overview(spec, &home);
		result = STATUS_USAGE;
	}
out:
	home_finish(&home);
	return result;
}

int main(int argc, char **argv)
{
	struct main_opts opts = {false, false, false, false};
	const struct opt_group groups[] = {{"Options", main_table, &opts}};
	const struct opt_spec spec = {
		.command = "mroom",
		.args = "COMMAND [ARG...]",
		.about = "Manages hundreds to thousands of SSH servers from one console.",
		.operand_complete = "commands",
		.stop_at_operand = true,
		.groups = groups,
		.group_count = 1,
		.examples = examples,
	};
	struct err err = ERR_INIT;
	int result = run(&spec, &opts, argc, argv, &err);

	if (result < 0)
		return err_report(&err, "mroom");
	return io_close_stdout(&err) ? err_report(&err, "mroom") : result;
}
