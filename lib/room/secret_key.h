/* The key file of the secret box: 64 hex digits and a newline, mode 0600. Private to secret*.c. */
#ifndef MROOM_ROOM_SECRET_KEY_H
#define MROOM_ROOM_SECRET_KEY_H

#include <stdbool.h>

#include "lib/base/err.h"

#define SECRET_KEY_SIZE 32

/* Fills key from the file: 1; 0 when there is no such file; -1 when it cannot be used. */
int secret_key_read(const char *path, unsigned char *key, struct err *err);

/* Fills key from the hex digits that a shell command prints: 0, or -1 naming the command. */
int secret_key_fetch(const char *command, unsigned char *key, struct err *err);

/* Makes the file, in one step and only when there is none: of two processes that try at once both
 * return 0 and one key stands. */
int secret_key_make(const char *path, struct err *err);

#endif
