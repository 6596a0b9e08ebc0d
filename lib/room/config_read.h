/*
 * The strict reader in front of inih. inih would cut long lines, end a value at " ;", join an indented
 * line to the one before, and pass over what it does not understand: here each of these is a problem
 * with file and line, and the line is left out.
 *
 * Pure: bytes in, entries and problems out, in file order.
 */
#ifndef MROOM_ROOM_CONFIG_READ_H
#define MROOM_ROOM_CONFIG_READ_H

#include <stddef.h>

#include "lib/base/list.h"

/* The longest line, in bytes, that inih reads whole wherever it was built. */
#define CONFIG_LINE_MAX 190

/* More problems than this in one file are not listed: it is no configuration. */
#define CONFIG_PROBLEMS_MAX 100

/* A [section] line (key and value NULL) or a key = value line. Valid during the call. */
struct config_entry {
	const char *section, *key, *value;
	long line; /* from 1 */
};
typedef void config_entry_fn(void *ctx, const struct config_entry *entry);

/* `source` names the file in problems ("FILE:LINE: what, why"), which fn may add to as well. */
void config_read(const char *source, const char *bytes, size_t count, config_entry_fn *fn,
		 void *ctx, struct list *problems);

#endif
