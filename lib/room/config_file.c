/* The settings file: what its entries mean. */
#include <errno.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/config_read.h"
#include "lib/room/config_table.h"

/* A larger file is no configuration. */
#define FILE_MAX ((size_t)1 << 20)

/* Sections in which nothing is set yet, and the one that takes any key, besides the table's. */
static const char *const other_sections[] = {"alias"};

static bool section_known(const struct config *config, const char *section)
{
	if (config_section_own(section))
		return true;
	for (size_t i = 0; i < sizeof(other_sections) / sizeof(*other_sections); i++)
		if (!strcmp(other_sections[i], section))
			return true;
	for (size_t i = 0; i < config->count; i++)
		if (!strcmp(config->settings[i].key->section, section))
			return true;
	return false;
}

static void complain(struct config *config, long line, const char *what, const char *near)
{
	list_take(config->problems,
		  near ? mem_format("%s:%ld: %s (did you mean %s?)", config->file, line, what, near)
		       : mem_format("%s:%ld: %s", config->file, line, what));
}

static void unknown_section(struct config *config, const struct config_entry *entry)
{
	const size_t others = sizeof(other_sections) / sizeof(*other_sections);
	const char **names = mem_zero(config->count + others, sizeof(*names));
	char *what = mem_format("unknown section [%s]", entry->section);

	for (size_t i = 0; i < config->count; i++)
		names[i] = config->settings[i].key->section;
	memcpy(names + config->count, other_sections, sizeof(other_sections));
	complain(config, entry->line, what,
		 list_nearest(entry->section, names, config->count + others));
	free(what);
	free(names);
}

static void unknown_key(struct config *config, const struct config_entry *entry)
{
	const char **names = mem_zero(config->count, sizeof(*names));
	char *what = mem_format("unknown setting '%s' in [%s]", entry->key, entry->section);
	const char *elsewhere = NULL;
	const char *near;
	size_t count = 0;

	for (size_t i = 0; i < config->count; i++) {
		const struct config_key *key = config->settings[i].key;

		if (!strcmp(key->section, entry->section))
			names[count++] = key->key;
		else if (!strcmp(key->key, entry->key))
			elsewhere = key->section;
	}
	near = list_nearest(entry->key, names, count);
	if (!near && elsewhere) {
		free(what);
		what = mem_format("'%s' belongs into [%s], not into [%s]", entry->key, elsewhere,
				  entry->section);
	}
	complain(config, entry->line, what, near);
	free(what);
	free(names);
}

static void take_alias(struct config *config, const struct config_entry *entry)
{
	struct alias *alias = map_get(config->aliases, entry->key);
	char *what = NULL;

	if (alias)
		what = mem_format("alias '%s' is defined twice (first on line %ld)",
				  entry->key, alias->line);
	else if (!*entry->value)
		what = mem_format("alias '%s' stands for nothing", entry->key);
	if (what) {
		complain(config, entry->line, what, NULL);
		free(what);
		return;
	}
	alias = mem_alloc(sizeof(*alias));
	alias->value = mem_text(entry->value);
	alias->source = mem_format("%s:%ld", config->file, entry->line);
	alias->line = entry->line;
	map_set(config->aliases, entry->key, alias);
	list_add(&config->names, entry->key);
}

/* A setting of [health] for one room, tag or server. */
static void take_own(struct config *config, const struct config_entry *entry)
{
	const struct config_entry plain = {"health", entry->key, entry->value, entry->line};
	const struct setting *setting = config_find(config, "health", entry->key);

	if (setting)
		config_assign_own(config, entry->section, setting->key, entry->value, entry->line);
	else
		unknown_key(config, &plain);
}

static void take_entry(void *ctx, const struct config_entry *entry)
{
	struct config *config = ctx;
	struct setting *setting;

	if (!entry->key) {
		if (!section_known(config, entry->section))
			unknown_section(config, entry);
		return;
	}
	if (!strcmp(entry->section, "alias")) {
		take_alias(config, entry);
		return;
	}
	if (config_section_own(entry->section)) {
		take_own(config, entry);
		return;
	}
	setting = config_find(config, entry->section, entry->key);
	if (!setting) {
		if (section_known(config, entry->section))
			unknown_key(config, entry);
		return;
	}
	if (setting->line) {
		char *what = mem_format("'%s' is set twice (first on line %ld)", entry->key,
					setting->line);

		complain(config, entry->line, what, NULL);
		free(what);
		return;
	}
	setting->line = entry->line;
	config_assign(config, setting, entry->value, mem_format("%s:%ld", config->file, entry->line));
}

/* The file may name commands to run: nobody else may write to it. */
static int check_mode(const char *file, struct err *err)
{
	struct stat st;

	if (!stat(file, &st) && (st.st_mode & S_IWOTH))
		return err_set(err, STATUS_USAGE,
			       "%s: everybody can write to these settings (try: chmod 600 %s)", file,
			       file);
	return 0;
}

void config_read_file(struct config *config)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct stat st;

	if (stat(config->file, &st) && (errno == ENOENT || errno == ENOTDIR))
		goto out;
	if (check_mode(config->file, &err) || io_read_file(config->file, FILE_MAX, &text, &err))
		list_add(config->problems, err.text);
	else
		config_read(config->file, text.at, text.len, take_entry, config, config->problems);
out:
	buf_finish(&text);
}
