/* The lines typed at the prompt, in a file of mode 0600: one each, the newest last. Several prompts
 * may add to it at once. */
#ifndef MROOM_EXEC_TYPED_H
#define MROOM_EXEC_TYPED_H

#include "lib/base/err.h"

/* So many are kept. */
#define TYPED_MAX 2000

/* Hands out the last TYPED_MAX lines, and cuts the file where it has become much longer. No file: no
 * lines. */
int typed_read(const char *path, void (*fn)(void *ctx, const char *line), void *ctx,
	       struct err *err);
int typed_add(const char *path, const char *line, struct err *err);

#endif
