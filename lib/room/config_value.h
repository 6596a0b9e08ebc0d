/* Texts as settings: each type is exact about what it refuses. */
#ifndef MROOM_ROOM_CONFIG_VALUE_H
#define MROOM_ROOM_CONFIG_VALUE_H

#include "lib/room/config.h"

/* A setting's value in force. */
struct config_value {
	char *text;	/* as written; CONFIG_PATH expanded, CONFIG_LIST comma-joined */
	int64_t number; /* CONFIG_BOOL, CONFIG_INT, CONFIG_TIME (ms), CONFIG_SIZE (bytes) */
};

/* Checks text and replaces *value by it. On refusal *value stays and err says what is wrong. */
int config_value_set(struct config_value *value, const struct config_key *key, const char *text,
		     struct err *err);

#endif
