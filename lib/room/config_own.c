/* Sections [health.NAME]: settings of [health] for one room, tag or server. */
#include "lib/base/mem.h"
#include "lib/room/config_table.h"

#define PREFIX "health."

bool config_section_own(const char *section)
{
	return !strncmp(section, PREFIX, strlen(PREFIX)) && section[strlen(PREFIX)];
}

static const struct own_setting *find_own(const struct config *config, const char *name,
					  const char *key)
{
	for (size_t i = 0; i < config->own_count; i++) {
		const struct own_setting *own = &config->own[i];

		if (!strcmp(own->section + strlen(PREFIX), name) &&
		    !strcmp(own->setting.key->key, key))
			return own;
	}
	return NULL;
}

void config_assign_own(struct config *config, const char *section, const struct config_key *key,
		       const char *text, long line)
{
	const struct own_setting *other = find_own(config, section + strlen(PREFIX), key->key);
	struct own_setting own = {mem_text(section), {.key = key, .line = line}};

	if (other) {
		list_take(config->problems,
			  mem_format("%s:%ld: '%s' is set twice (first on line %ld)", config->file,
				     line, key->key, other->setting.line));
		free(own.section);
		return;
	}
	config_assign(config, &own.setting, text, mem_format("%s:%ld", config->file, line));
	if (!own.setting.source) { /* refused */
		free(own.section);
		return;
	}
	if (config->own_count == config->own_cap) {
		config->own_cap = config->own_cap ? config->own_cap * 2 : 8;
		config->own = mem_resize(config->own, config->own_cap, sizeof(*config->own));
	}
	config->own[config->own_count++] = own;
}

void config_own_finish(struct config *config)
{
	for (size_t i = 0; i < config->own_count; i++) {
		free(config->own[i].section);
		free(config->own[i].setting.value.text);
		free(config->own[i].setting.source);
	}
	free(config->own);
}

const char *config_text_for(const struct config *config, const char *key, const char *const *names,
			    size_t count)
{
	for (size_t i = 0; config->own_count && i < count; i++) {
		const struct own_setting *own = find_own(config, names[i], key);

		if (own)
			return own->setting.value.text;
	}
	return config_text(config, "health", key);
}

bool config_next_own(const struct config *config, size_t *at, const char **section,
		     const char **key, const char **value, const char **source)
{
	const struct own_setting *own = &config->own[*at];

	if (*at >= config->own_count)
		return false;
	*section = own->section;
	*key = own->setting.key->key;
	*value = own->setting.value.text;
	*source = own->setting.source;
	++*at;
	return true;
}
