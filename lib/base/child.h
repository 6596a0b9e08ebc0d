/* A program of somebody else's whose answer is wanted. */
#ifndef MROOM_BASE_CHILD_H
#define MROOM_BASE_CHILD_H

#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * Runs argv[0] (a path, or a name sought on PATH) with standard input empty and standard error
 * ours, and appends what it prints. More than `limit` bytes, an exit status other than 0 and a
 * signal are errors of status 2 that name the program. Where `out` has room for limit + 1 bytes it
 * does not grow: no copy of a secret stays behind.
 */
int child_read(const char *const *argv, size_t limit, struct buf *out, struct err *err);

/* The same with standard input from a file that stays the caller's. */
int child_filter(const char *const *argv, int input, size_t limit, struct buf *out,
		 struct err *err);

#endif
