/*
 * A directory of our own for large files, under TMPDIR. It is locked for as long as its maker
 * lives; what a maker that was killed left behind is removed when the next one is made.
 */
#ifndef MROOM_DOCKER_SCRATCH_H
#define MROOM_DOCKER_SCRATCH_H

#include "lib/base/err.h"

struct scratch {
	char *dir;
	int lock;
};

#define SCRATCH_INIT      \
	{                 \
		NULL, -1, \
	}

int scratch_create(struct scratch *scratch, struct err *err);
/* Removes it with all that is in it. */
void scratch_destroy(struct scratch *scratch);

#endif
