/* Settings from the environment: every key is also MROOM_SECTION_KEY. An empty variable counts as unset. */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/room/config_table.h"

extern char **environ;

/* Named like settings, but they say where things are (lib/room/home.h). */
static const char *const reserved[] = {"MROOM_HOME", "MROOM_EXEC_PATH", "MROOM_SHARE"};

/* MROOM_SECTION_KEY. Caller frees. */
static char *variable_name(const struct config_key *key)
{
	char *name = mem_format("MROOM_%s_%s", key->section, key->key);

	for (char *at = name; *at; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return name;
}

static void take_variable(struct config *config, struct setting *setting, const char *name)
{
	const char *value = getenv(name);

	if (value && *value)
		config_assign(config, setting, value, mem_text(name));
}

/* The variable that this one, of a known section, was probably meant to be; NULL when it is one of
 * them, or like none. */
static const char *meant(const struct config *config, char *const *names, const char *variable)
{
	const char **keys = mem_zero(config->count, sizeof(*keys));
	const char *near;
	size_t start = 0, count = 0;

	for (size_t i = 0; i < config->count; i++) {
		size_t size = strlen("MROOM__") + strlen(config->settings[i].key->section);

		if (strncmp(names[i], variable, size) != 0)
			continue;
		start = size;
		keys[count++] = names[i] + size;
	}
	near = count ? list_nearest(variable + start, keys, count) : NULL;
	free(keys);
	return near && strcmp(near, variable + start) != 0 ? near - start : NULL;
}

/* A misspelt variable must not be passed over in silence. */
static void check_spelling(struct config *config, char *const *names)
{
	for (char **at = environ; *at; at++) {
		size_t size = strcspn(*at, "=");
		char *variable = mem_text_n(*at, size);
		bool known = strncmp(variable, "MROOM_", strlen("MROOM_")) != 0;
		const char *near;

		for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved) && !known; i++)
			known = !strcmp(variable, reserved[i]);
		near = known ? NULL : meant(config, names, variable);
		if (near)
			list_take(config->problems,
				  mem_format("%s: there is no such setting (did you mean %s?)",
					     variable, near));
		free(variable);
	}
}

void config_read_environment(struct config *config)
{
	struct setting *fanout = config_find(config, "exec", "fanout");
	char **names = mem_zero(config->count, sizeof(*names));

	for (size_t i = 0; i < config->count; i++) {
		names[i] = variable_name(config->settings[i].key);
		take_variable(config, &config->settings[i], names[i]);
	}
	/* pdsh's habit, where nothing of ours says otherwise. */
	if (!strcmp(fanout->source, "default"))
		take_variable(config, fanout, "FANOUT");
	check_spelling(config, names);
	for (size_t i = 0; i < config->count; i++)
		free(names[i]);
	free(names);
}
