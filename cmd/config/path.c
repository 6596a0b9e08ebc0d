#include <stdio.h>
#include <stdlib.h>

#include "cmd/config/config.h"
#include "lib/base/opt.h"

#define COMMAND "mroom config path"

static const char *const examples[] = {
	"${EDITOR:-vi} \"$(mroom config path)\"",
	NULL,
};

int config_verb_path(int argc, char **argv)
{
	const struct opt_spec spec = {
		.command = COMMAND,
		.about = "Prints where the settings file is, whether or not it exists.",
		.examples = examples,
	};
	struct home home = {NULL, NULL, NULL};
	struct err err = ERR_INIT;
	char *path = NULL;
	int operands, result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return STATUS_OK;
	case OPT_BAD:
		goto out;
	case OPT_RUN:
		break;
	}
	if (operands < argc)
		err_set(&err, STATUS_USAGE, "unexpected argument '%s'", argv[operands]);
	else
		result = home_find(&home, &err);
	if (result)
		goto out;
	path = home_path(&home, "config.ini");
	printf("%s\n", path);
out:
	free(path);
	home_finish(&home);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
