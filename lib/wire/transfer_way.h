/* Which way files go to and from a server: through its shell, or over SFTP. What was found out is
 * remembered in its state, under "copy_by". */
#ifndef MROOM_WIRE_TRANSFER_WAY_H
#define MROOM_WIRE_TRANSFER_WAY_H

#include <stdbool.h>

#include "lib/room/console.h"
#include "lib/wire/fleet.h"

/* What a script exits with where the shell is there, but not what it takes. */
#define TRANSFER_LACKS 69

/* Whether it is known that it goes over SFTP. */
bool transfer_way_is_sftp(const struct console *console, const char *id);
/* It does, or (not) any more; what is known already costs nothing. */
void transfer_way_learn(const struct console *console, const char *id, bool known, bool sftp);
/* Whether the first script ended in such a way that SFTP is worth a try. */
bool transfer_way_wanted(const struct session *session, const struct ending *ending);

#endif
