/*
 * What there is to log in with: key files, the agent's keys, passwords. Read once per run and shared by all
 * servers. The order for a server: -i, its own key, [ssh] identity, the agent's keys, the default files.
 */
#ifndef MROOM_WIRE_KEYRING_H
#define MROOM_WIRE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/room/console.h"
#include "lib/room/server.h"
#include "lib/wire/identity.h"

struct keyring;

struct keyring_args {
	const struct list *keys;	/* -i: must be readable */
	const char *passphrase_file;	/* opens encrypted keys; NULL */
	const char *password_file;	/* tried on every server before the stored password; NULL */
	bool ask_password;		/* ask for it once, now */
};

/* Reads the keys that are named. Prompts (on the terminal) for what it must; never later. NULL on error. */
struct keyring *keyring_create(struct console *console, const struct keyring_args *args,
			       struct err *err);
/* The loop must have ended, or the agent been stopped. NULL is allowed. */
void keyring_destroy(struct keyring *keyring);

/* Asks the agent (SSH_AUTH_SOCK) for its keys, then calls ready once: at once without an agent, after two seconds
 * with one that does not answer. */
void keyring_start(struct keyring *keyring, uv_loop_t *loop, void (*ready)(void *ctx), void *ctx);
/* Closes the agent's connection, so that the loop can end. */
void keyring_stop(struct keyring *keyring);

/*
 * The identities to try on a server, in order: *count of them, in an array the caller frees (the
 * identities stay the keyring's). trouble gets a line when the server's own key cannot be used.
 */
struct identity **keyring_identities(struct keyring *keyring, const struct server *server,
				     size_t *count, struct buf *trouble);

/* The password to try on a server: 1 (appended), 0 (none is known), -1 (there is one that cannot be opened). */
int keyring_password(struct keyring *keyring, const struct server *server, struct buf *password,
		     struct err *err);

#endif
