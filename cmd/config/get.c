#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/config/config.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"

#define COMMAND "mroom config get"

static const char *const examples[] = {
	"mroom config get exec.fanout",
	"mroom config get identity.public_key",
	NULL,
};

static int unknown(const char *name, struct err *err)
{
	struct list names = LIST_INIT;
	size_t count;
	const struct config_key *keys = config_keys(&count);
	const char *near;

	for (size_t i = 0; i < count; i++)
		list_take(&names, mem_format("%s.%s", keys[i].section, keys[i].key));
	near = list_nearest(name, (const char *const *)names.at, names.count);
	if (near)
		err_set(err, STATUS_USAGE, "no setting '%s' (did you mean %s?)", name, near);
	else
		err_set(err, STATUS_USAGE, "no setting '%s' (see: mroom config list)", name);
	list_finish(&names);
	return -1;
}

/* SECTION.KEY or alias.NAME. */
static int print_value(const struct config *config, const char *name, struct err *err)
{
	static const char alias[] = "alias.";
	const char *value = NULL;
	size_t count;
	const struct config_key *keys = config_keys(&count);

	if (!strncmp(name, alias, strlen(alias)))
		value = config_alias(config, name + strlen(alias));
	for (size_t i = 0; i < count && !value; i++) {
		size_t size = strlen(keys[i].section);

		if (!strncmp(name, keys[i].section, size) && name[size] == '.' &&
		    !strcmp(name + size + 1, keys[i].key))
			value = config_text(config, keys[i].section, keys[i].key);
	}
	if (!value)
		return unknown(name, err);
	printf("%s\n", value);
	return 0;
}

static int get(const struct opt_spec *spec, int argc, char **argv, struct err *err)
{
	struct home home = {NULL, NULL, NULL};
	struct config *config = NULL;
	int operands, result = -1;

	switch (opt_parse(spec, argc, argv, &operands, NULL, err)) {
	case OPT_SHOWN:
		return 0;
	case OPT_BAD:
		return -1;
	case OPT_RUN:
		break;
	}
	if (operands == argc) {
		err_set(err, STATUS_USAGE, "no setting named (such as exec.fanout)");
		goto out;
	}
	config = settings_open(COMMAND, &home, err);
	if (!config)
		goto out;
	result = 0;
	for (int i = operands; i < argc && !result; i++)
		result = print_value(config, argv[i], err);
out:
	config_close(config);
	home_finish(&home);
	return result;
}

int config_verb_get(int argc, char **argv)
{
	const struct opt_spec spec = {
		.command = COMMAND,
		.args = "SECTION.KEY...",
		.about = "Prints the value of each setting, one a line.",
		.operand_complete = "settings",
		.examples = examples,
	};
	struct err err = ERR_INIT;

	return get(&spec, argc, argv, &err) ? err_report(&err, COMMAND) : STATUS_OK;
}
