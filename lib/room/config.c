#include "lib/room/config.h"

#include "lib/base/mem.h"
#include "lib/room/config_table.h"

struct setting *config_find(const struct config *config, const char *section, const char *key)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct config_key *at = config->settings[i].key;

		if (!strcmp(at->section, section) && !strcmp(at->key, key))
			return &config->settings[i];
	}
	return NULL;
}

void config_assign(struct config *config, struct setting *setting, const char *text, char *source)
{
	struct err err = ERR_INIT;

	if (config_value_set(&setting->value, setting->key, text, &err)) {
		list_take(config->problems, mem_format("%s: [%s] %s: %s", source,
						       setting->key->section, setting->key->key,
						       err.text));
		free(source);
		return;
	}
	free(setting->source);
	setting->source = source;
}

struct config *config_load(const struct home *home, struct list *problems)
{
	struct config *config = mem_zero(1, sizeof(*config));
	const struct config_key *keys = config_keys(&config->count);

	config->file = home_path(home, "config.ini");
	config->settings = mem_zero(config->count, sizeof(*config->settings));
	config->aliases = map_create();
	config->problems = problems;
	for (size_t i = 0; i < config->count; i++) {
		config->settings[i].key = &keys[i];
		config_assign(config, &config->settings[i], keys[i].value, mem_text("default"));
	}
	config_read_file(config);
	config_read_environment(config);
	config->problems = NULL;
	return config;
}

struct config *config_open(const struct home *home, struct err *err)
{
	struct list problems = LIST_INIT;
	struct config *config = config_load(home, &problems);

	if (problems.count == 1)
		err_set(err, STATUS_USAGE, "%s", problems.at[0]);
	else if (problems.count > 1)
		err_set(err, STATUS_USAGE, "%s (and %zu more: mroom config list shows them)",
			problems.at[0], problems.count - 1);
	if (problems.count) {
		config_close(config);
		config = NULL;
	}
	list_finish(&problems);
	return config;
}

void config_close(struct config *config)
{
	void *value;

	if (!config)
		return;
	for (size_t i = 0; i < config->count; i++) {
		free(config->settings[i].value.text);
		free(config->settings[i].source);
	}
	for (size_t at = 0; map_next(config->aliases, &at, NULL, &value);) {
		struct alias *alias = value;

		free(alias->value);
		free(alias->source);
		free(alias);
	}
	config_own_finish(config);
	map_destroy(config->aliases);
	list_finish(&config->names);
	free(config->settings);
	free(config->file);
	free(config);
}

/* The value of a setting that must be in the table and of that type: anything else is a mistake here. */
static const struct config_value *value_of(const struct config *config, const char *section,
					   const char *key, enum config_type type)
{
	const struct setting *setting = config_find(config, section, key);

	if (!setting || setting->key->type != type)
		abort();
	return &setting->value;
}

const char *config_text(const struct config *config, const char *section, const char *key)
{
	const struct setting *setting = config_find(config, section, key);

	if (!setting)
		abort();
	return setting->value.text;
}

bool config_bool(const struct config *config, const char *section, const char *key)
{
	return value_of(config, section, key, CONFIG_BOOL)->number != 0;
}

long config_int(const struct config *config, const char *section, const char *key)
{
	return (long)value_of(config, section, key, CONFIG_INT)->number;
}

int64_t config_time(const struct config *config, const char *section, const char *key)
{
	return value_of(config, section, key, CONFIG_TIME)->number;
}

int64_t config_size(const struct config *config, const char *section, const char *key)
{
	return value_of(config, section, key, CONFIG_SIZE)->number;
}

void config_list(const struct config *config, const char *section, const char *key,
		 struct list *into)
{
	list_split(into, value_of(config, section, key, CONFIG_LIST)->text, ',');
}

const char *config_alias(const struct config *config, const char *name)
{
	const struct alias *alias = map_get(config->aliases, name);

	return alias ? alias->value : NULL;
}

void config_aliases(const struct config *config, struct list *names)
{
	for (size_t i = 0; i < config->names.count; i++)
		list_add(names, config->names.at[i]);
}

const char *config_source(const struct config *config, const char *section, const char *key)
{
	const struct setting *setting = config_find(config, section, key);
	const struct alias *alias = NULL;

	if (!setting && !strcmp(section, "alias"))
		alias = map_get(config->aliases, key);
	if (!setting && !alias)
		abort();
	return setting ? setting->source : alias->source;
}

const char *config_file(const struct config *config)
{
	return config->file;
}
