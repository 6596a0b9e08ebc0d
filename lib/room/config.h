/*
 * Settings: built-in defaults, then $MROOM_HOME/config.ini, then MROOM_SECTION_KEY variables.
 *
 * One table in config_keys.c names every key with type, default and meaning; share/config.ini shows the
 * same, and a test holds them equal. Values are checked when the configuration is opened, so getters
 * cannot fail: asking for a key that is not in the table, or by the wrong type, is a programming error and
 * aborts. Section [alias] alone takes any key. A bad line is reported as "FILE:LINE: what" (status 2), a
 * bad variable by its name. An empty variable counts as unset; [exec] fanout falls back to pdsh's FANOUT.
 *
 * The settings of [health] may be given again in sections [health.NAME], for a room, a tag or a server.
 */
#ifndef MROOM_ROOM_CONFIG_H
#define MROOM_ROOM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/room/home.h"

enum config_type { CONFIG_TEXT, CONFIG_PATH, CONFIG_BOOL, CONFIG_INT, CONFIG_TIME, CONFIG_SIZE,
		   CONFIG_CHOICE, CONFIG_LIST,
		   CONFIG_LEVELS /* lib/room/levels.h; `choices` is their kind */ };

struct config_key {
	const char *section, *key;
	enum config_type type;
	const char *value;   /* the default, as text; "" is none */
	const char *choices; /* CONFIG_CHOICE: "a|b" */
	long min, max;	     /* CONFIG_INT; CONFIG_TIME (ms) and CONFIG_SIZE (bytes) when max is not 0 */
	const char *about;   /* one line */
};

struct config;

/* A missing file means defaults. Of several problems err names the first and the number of the others. */
struct config *config_open(const struct home *home, struct err *err);
/* The same, but always a config: each problem is appended to the list, and what it is about stays as it was. */
struct config *config_load(const struct home *home, struct list *problems);
void config_close(struct config *config);

/* Texts belong to the config. CONFIG_PATH values have ~ expanded; "" when unset. config_text gives the text
 * of a setting of any type. */
const char *config_text(const struct config *config, const char *section, const char *key);
bool config_bool(const struct config *config, const char *section, const char *key);
long config_int(const struct config *config, const char *section, const char *key);
int64_t config_time(const struct config *config, const char *section, const char *key); /* ms */
int64_t config_size(const struct config *config, const char *section, const char *key); /* bytes */
void config_list(const struct config *config, const char *section, const char *key,
		 struct list *into);

/* The text of a setting of [health] for a server: that of the first of `names` (most specific first) with a
 * section [health.NAME] that has the key, else as config_text. */
const char *config_text_for(const struct config *config, const char *key, const char *const *names,
			    size_t count);
/* Walks what the sections [health.NAME] set, in file order: start with *at = 0; false at the end. */
bool config_next_own(const struct config *config, size_t *at, const char **section, const char **key,
		     const char **value, const char **source);

/* [alias] name, or NULL. */
const char *config_alias(const struct config *config, const char *name);
void config_aliases(const struct config *config, struct list *names);

/* For `mroom config`: all keys in order; where the value in force came from ("default",
 * "/path/config.ini:12", "MROOM_EXEC_FANOUT"). */
const struct config_key *config_keys(size_t *count);
/* An alias has a source too: section "alias", key its name. */
const char *config_source(const struct config *config, const char *section, const char *key);
const char *config_file(const struct config *config); /* its path, whether or not it exists */

#endif
