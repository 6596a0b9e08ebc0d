/* The fields of a server as options of add and set, and where its password comes from. */
#ifndef MROOM_CMD_INVENTORY_FIELDS_H
#define MROOM_CMD_INVENTORY_FIELDS_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/opt.h"
#include "lib/room/console.h"

/* Texts are argv's; "" means to unset, NULL to leave alone. */
struct fields {
	const char *host, *port, *user, *key, *room, *tunnel, *jump, *tags, *description;
	bool ask_password, no_password;
	const char *password_file, *secret_command;
};
extern const struct opt fields_opts[];

/* Checks them, and fills `to` with borrowed texts; *bits says which are meant. */
int fields_read(const struct fields *fields, struct server *to, unsigned *bits, struct err *err);

/* Whether they say anything about a password. */
bool fields_password(const struct fields *fields);
/* Prompts, reads or fetches it. `text` is to be wiped by the caller. */
int fields_read_password(const struct fields *fields, struct buf *text, struct err *err);
/* Seals it for a server, or removes what is stored (--no-password): 1 when that changed anything,
 * 0, -1. */
int fields_store_password(const struct fields *fields, const struct console *console,
			  const char *id, const struct buf *text, struct err *err);

#endif
