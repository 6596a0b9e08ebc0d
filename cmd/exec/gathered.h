/* What was gathered (-b), shown at the end: equal outputs once, under the servers that said so. */
#ifndef MROOM_EXEC_GATHERED_H
#define MROOM_EXEC_GATHERED_H

#include "lib/base/err.h"

struct exec;

/* Prints both streams. -1: what is printed to failed (status 6). */
int gathered_print(struct exec *exec, struct err *err);

#endif
