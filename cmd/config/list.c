#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/config/config.h"
#include "lib/base/mem.h"
#include "lib/flow/out.h"

#define COMMAND "mroom config list"

enum { NAME, VALUE, SOURCE, DEFAULT, ABOUT, COLUMNS };

static const struct out_column columns[COLUMNS] = {
	[NAME] = {"setting", OUT_TEXT, false}, [VALUE] = {"value", OUT_TEXT, false},
	[SOURCE] = {"source", OUT_TEXT, false}, [DEFAULT] = {"default", OUT_TEXT, true},
	[ABOUT] = {"about", OUT_TEXT, true},
};

static const char *const examples[] = {
	"mroom config list",
	"mroom config list | grep -v 'default$'",
	"mroom config list --columns setting,default,about",
	NULL,
};

static void print_setting(struct out *out, const struct config *config,
			  const struct config_key *key)
{
	char *name = mem_format("%s.%s", key->section, key->key);
	const char *values[COLUMNS] = {
		[NAME] = name,
		[VALUE] = config_text(config, key->section, key->key),
		[SOURCE] = config_source(config, key->section, key->key),
		[DEFAULT] = key->value,
		[ABOUT] = key->about,
	};

	out_row(out, values);
	free(name);
}

static void print_alias(struct out *out, const struct config *config, const char *alias)
{
	char *name = mem_format("alias.%s", alias);
	const char *values[COLUMNS] = {
		[NAME] = name,
		[VALUE] = config_alias(config, alias),
		[SOURCE] = config_source(config, "alias", alias),
	};

	out_row(out, values);
	free(name);
}

/* [health.NAME], for one room, tag or server. */
static void print_own(struct out *out, const struct config *config)
{
	const char *section, *key, *values[COLUMNS] = {NULL};

	for (size_t at = 0;
	     config_next_own(config, &at, &section, &key, &values[VALUE], &values[SOURCE]);) {
		char *name = mem_format("%s.%s", section, key);

		values[NAME] = name;
		out_row(out, values);
		free(name);
	}
}

static void print_all(struct out *out, const struct config *config)
{
	struct list aliases = LIST_INIT;
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++)
		print_setting(out, config, &keys[i]);
	print_own(out, config);
	config_aliases(config, &aliases);
	for (size_t i = 0; i < aliases.count; i++)
		print_alias(out, config, aliases.at[i]);
	list_finish(&aliases);
}

/* Parses, opens, prints: 0 or -1. */
static int list(const struct opt_spec *spec, const struct out_args *form, int argc, char **argv,
		struct err *err)
{
	struct home home = {NULL, NULL, NULL};
	struct config *config = NULL;
	struct out *out = NULL;
	int operands, result = -1;

	switch (opt_parse(spec, argc, argv, &operands, NULL, err)) {
	case OPT_SHOWN:
		return 0;
	case OPT_BAD:
		return -1;
	case OPT_RUN:
		break;
	}
	if (operands < argc) {
		err_set(err, STATUS_USAGE, "unexpected argument '%s'", argv[operands]);
		goto out;
	}
	config = settings_open(COMMAND, &home, err);
	out = config ? out_create(stdout, form, columns, COLUMNS, err) : NULL;
	if (!out)
		goto out;
	print_all(out, config);
	result = out_finish(out, err);
out:
	config_close(config);
	home_finish(&home);
	return result;
}

int config_verb_list(int argc, char **argv)
{
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Output", out_opts, &form}};
	const struct opt_spec spec = {
		.command = COMMAND,
		.about = "Shows every setting, its value and where that came from.",
		.groups = groups,
		.group_count = 1,
		.examples = examples,
	};
	struct err err = ERR_INIT;

	return list(&spec, &form, argc, argv, &err) ? err_report(&err, COMMAND) : STATUS_OK;
}
