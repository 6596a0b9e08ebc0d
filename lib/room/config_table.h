/*
 * What config*.c share: the settings with their values in force, and how they are filled. Private to
 * them.
 */
#ifndef MROOM_ROOM_CONFIG_TABLE_H
#define MROOM_ROOM_CONFIG_TABLE_H

#include "lib/base/map.h"
#include "lib/room/config.h"
#include "lib/room/config_value.h"

struct setting {
	const struct config_key *key;
	struct config_value value;
	char *source;
	long line; /* in the file; 0: not in it */
};

/* A setting of [health] for one room, tag or server. */
struct own_setting {
	char *section; /* "health.NAME" */
	struct setting setting;
};

struct alias {
	char *value, *source;
	long line;
};

struct config {
	char *file;
	struct setting *settings; /* in the table's order */
	size_t count;
	struct own_setting *own; /* in file order */
	size_t own_count, own_cap;
	struct map *aliases;
	struct list names;     /* of the aliases, in file order */
	struct list *problems; /* the caller's, while it is filled */
};

/* NULL when there is none. */
struct setting *config_find(const struct config *config, const char *section, const char *key);

/* Gives a setting a new value and takes over `source`; a value that is refused becomes a problem that begins
 * with the source. */
void config_assign(struct config *config, struct setting *setting, const char *text, char *source);

/* As config_assign for a setting of a section [health.NAME] (config_own.c). */
void config_assign_own(struct config *config, const char *section, const struct config_key *key,
		       const char *text, long line);
/* Whether the section is one of those. */
bool config_section_own(const char *section);
void config_own_finish(struct config *config);

/* Takes in config->file (config_file.c); a missing one is empty. */
void config_read_file(struct config *config);
/* Takes in MROOM_SECTION_KEY variables (config_env.c). */
void config_read_environment(struct config *config);

#endif
