/*
 * What a container is to be, and the options of the engine's create that say so: with rotated logs
 * and started again unless it was stopped, where nothing else is asked for.
 */
#ifndef MROOM_ROOM_CONTAINER_H
#define MROOM_ROOM_CONTAINER_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/room/config.h"

/* NULL, 0, false and empty: nothing asked. Texts are the caller's; container_finish releases the
 * lists. */
struct container {
	const char *restart, *log_size, *health, *user;
	long log_files;
	bool init;
	struct list volumes, binds, ports, labels;
	struct list options; /* any other of the engine's */
};
void container_finish(struct container *container);

/* Appends the options. -1 (status 2) for a bind that is none. */
int container_options(const struct container *container, const struct config *config,
		      struct list *words, struct err *err);

#endif
