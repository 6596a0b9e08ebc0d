/* Each server's output in a file of its own (--outdir, --errdir), byte by byte as it came. */
#ifndef MROOM_EXEC_FILES_H
#define MROOM_EXEC_FILES_H

#include "lib/base/err.h"

/* Makes the directory when it is missing. NULL: nothing to do. */
int files_prepare(const char *dir, struct err *err);
/* Opens (and empties) the server's file in it: the descriptor, or -1 (status 6). */
int files_open(const char *dir, const char *id, struct err *err);

#endif
