/*
 * A private directory for sockets, whose paths must be short: NAME.XXXXXX under TMPDIR or /tmp, of
 * mode 0700. A lock on it lives as long as the process does: whoever makes the next one of that
 * name removes those of processes that were killed.
 */
#ifndef MROOM_BASE_SOCKDIR_H
#define MROOM_BASE_SOCKDIR_H

#include "lib/base/err.h"

struct sockdir {
	char dir[88]; /* "": there is none */
	int lock;
};

/* Files in it, but no directories. Status 6. */
int sockdir_make(struct sockdir *sockdir, const char *name, struct err *err);
/* With what is in it. Nothing happens where there is none. */
void sockdir_remove(struct sockdir *sockdir);

#endif
