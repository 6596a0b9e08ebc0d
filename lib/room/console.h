/* What nearly every tool opens first: home, settings, store and the secret box, in one step. */
#ifndef MROOM_ROOM_CONSOLE_H
#define MROOM_ROOM_CONSOLE_H

#include "lib/base/err.h"
#include "lib/room/config.h"
#include "lib/room/home.h"
#include "lib/room/secret.h"
#include "lib/room/store.h"

struct console {
	struct home home;
	struct config *config;
	struct store *store;
	struct secret_box *box;
};

#define CONSOLE_INIT {{NULL, NULL, NULL}, NULL, NULL, NULL}

/* Opens all of it; hardens the process; makes the home when missing. console_close also after a
 * failure. */
int console_open(struct console *console, struct err *err);
void console_close(struct console *console);

#endif
