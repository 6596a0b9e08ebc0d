/*
 * Passwords from a command of the user's, [secret] secret_command: ids in, one a line; records of
 * id and password out. It is run when a password is first wanted, for all servers that were
 * expected by then, so that a run of a thousand servers asks once and one with keys never.
 */
#ifndef MROOM_ROOM_SECRET_FETCH_H
#define MROOM_ROOM_SECRET_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct secret_fetch;

struct secret_fetch *secret_fetch_create(const char *command); /* "" : it knows nothing */
void secret_fetch_destroy(struct secret_fetch *fetch);	       /* wipes; NULL is allowed */

/* A password of this server may be wanted. */
void secret_fetch_expect(struct secret_fetch *fetch, const char *id);

/* Appends the password: 1; 0 when the command knows none; -1 when it failed (it is not run again
 * for the same server). May take as long as the command does. */
int secret_fetch_get(struct secret_fetch *fetch, const char *id, struct buf *text, struct err *err);

bool secret_fetch_can(const struct secret_fetch *fetch); /* there is a command */

/* How long the command took so far, all its runs together. */
int64_t secret_fetch_spent_ms(const struct secret_fetch *fetch);

#endif
