/* Becoming another tool of mroom's, with the same targets and connection. */
#ifndef MROOM_DOCKER_TURN_H
#define MROOM_DOCKER_TURN_H

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/opt.h"

/* Becomes build/bin/TOOL: `before`, the words that set these options, and `after` (either list may
 * be NULL). Returns only on error. */
int turn_into(const char *tool, const struct list *before, const struct opt_group *groups,
	      size_t count, const struct list *after, struct err *err);

/* Becomes mroom exec, for docker.sh with these words. Returns only on error. */
int turn_into_exec(const struct opt_group *groups, size_t count, const struct list *words,
		   struct err *err);

#endif
