/*
 * What a run learns about its servers beside how they ended: which way they let us in, and host
 * keys that were new or not the known ones. Kept here while the run goes on and written to the
 * store at its end.
 */
#ifndef MROOM_WIRE_LEARNED_H
#define MROOM_WIRE_LEARNED_H

#include <stdio.h>

#include "lib/base/err.h"
#include "lib/room/server.h"
#include "lib/room/store.h"
#include "lib/wire/knownhosts.h"

struct learned;

struct learned *learned_create(struct store *store);
void learned_destroy(struct learned *learned); /* NULL is allowed */

/* The server let us in that way (server.auth); what is known already costs nothing. NULL: forget.
 */
void learned_auth(struct learned *learned, const struct server *server, const char *how);
/* The server at host:port presented that key. */
void learned_hostkey(struct learned *learned, const struct server *server, const char *host,
		     long port, const struct stranger *stranger);

/* Writes what is gathered. */
int learned_flush(struct learned *learned, struct err *err);
/* Says how many host keys wait for a review since the run began, if any do. */
void learned_summary(const struct learned *learned, FILE *to);

#endif
