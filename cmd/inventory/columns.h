/*
 * The columns of mroom inventory ls: the fields of a server, what is known of it under the names
 * that the first MachineRoom had (cert, docker, ...), and any state as state:KEY.
 */
#ifndef MROOM_CMD_INVENTORY_COLUMNS_H
#define MROOM_CMD_INVENTORY_COLUMNS_H

#include <stdbool.h>

#include "lib/base/map.h"
#include "lib/flow/out.h"
#include "lib/room/store.h"

/* The columns that "classic" stands for. */
#define COLUMNS_CLASSIC "id,host,tunnel,expired,cert,docker,daed,yacht,py"

struct columns {
	struct out_column *at;
	size_t count;
	char **names;	    /* of the states, "state:KEY" */
	struct map **json;  /* of each state that is read: id -> JSON; NULL: not read */
	struct map **known; /* the same for what cert, docker, ... are made of */
};

/* All there are; states are those that `lists` (comma-joined texts, NULL-ended) name. */
void columns_init(struct columns *columns, const char *const *lists);
void columns_finish(struct columns *columns);

/* The column of that name; columns->count when there is none. */
size_t columns_find(const struct columns *columns, const char *name);
/* An unknown name, and what may have been meant. -1. */
int columns_refuse(const struct columns *columns, const char *name, struct err *err);

/* Reads the states that the columns marked in `wanted` are made of. */
int columns_read(struct columns *columns, struct store *store, const bool *wanted, struct err *err);

/* A state's value as JSON, or NULL; for columns that are no state NULL as well. */
const char *columns_json(const struct columns *columns, size_t column, const char *id);

/* The values of a server, of the columns that are wanted; NULL elsewhere, and where there is none.
 * States are JSON with `json`, else plain where they can be. columns_release frees the texts. */
void columns_fill(const struct columns *columns, const struct server *server, bool json,
		  const bool *wanted, char **values);
void columns_release(const struct columns *columns, char **values);

#endif
