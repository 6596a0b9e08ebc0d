/*
 * Text with places to fill: {{KEY}} and {{KEY|default}}, KEY being SERVER_ID, SERVER_HOST,
 * SERVER_PORT, SERVER_USER, SERVER_ROOM, or what is remembered about the server under that key, as
 * written or in lower case; a path with dots reaches inside. Braces around anything else are left
 * as they are.
 */
#ifndef MROOM_ROOM_TEMPLATE_H
#define MROOM_ROOM_TEMPLATE_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/server.h"
#include "lib/room/store.h"

/* Appends the text as it is for that server. `name` is the file's, for messages: "NAME:LINE: no
 * value for KEY", status 1, where there is neither value nor default. */
int template_render(struct store *store, const struct server *server, const char *name,
		    const struct buf *text, struct buf *to, struct err *err);

#endif
