/*
 * What there is to log in with: key files, the agent's keys, passwords. Read once per run and shared by all
 * servers. The order for a server: -i, what let us in last time, its own key, those ssh_config names for it, the
 * agent's keys, [ssh] identity, the default files. A key with a certificate beside it is tried with that first. A key
 * that cannot be opened but that the agent holds is the agent's to sign with.
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
	const char *only;		/* this key (private, public with an agent, or NAME-cert.pub) and nothing else; NULL */
	const struct list *without;	/* fingerprints of keys not to be used, and no password then; NULL */
};

/* Reads the keys that are named. Prompts (on the terminal) for what it must; never later. NULL on error. */
struct keyring *keyring_create(struct console *console, const struct keyring_args *args,
			       struct err *err);
/* The loop must have ended, or the agent been stopped. NULL is allowed. */
void keyring_destroy(struct keyring *keyring);

/* Asks the agent (SSH_AUTH_SOCK) for its keys and opens those of the servers that are expected so far, then calls
 * ready once: at once where there is neither, after two seconds with an agent that does not answer. */
void keyring_start(struct keyring *keyring, uv_loop_t *loop, void (*ready)(void *ctx), void *ctx);
/* Closes the agent's connection, so that the loop can end. */
void keyring_stop(struct keyring *keyring);

/* For which server. */
struct keyring_wish {
	const struct server *server;
	const struct list *files; /* further keys of this server, instead of the default files; NULL */
	bool files_only;	  /* nothing the agent holds besides those, and no default files */
	bool on_the_way; /* a jump host: it may be entered with any key, whatever is asked of the server behind */
};

struct keyring_choice {
	struct identity **at; /* the caller frees the array; the identities stay the keyring's */
	size_t count;
	bool named; /* the first was asked for by -i */
	bool on_the_way;
};

/* The identities to try on a server, in order. trouble gets a line when the server's own key cannot be used. */
void keyring_identities(struct keyring *keyring, const struct keyring_wish *wish,
			struct keyring_choice *choice, struct buf *trouble);

/* This server is going to be dialled: its password may be wanted, which is fetched for many at once, and its key
 * has to be opened, which for a locked one goes on beside all else when it is known before keyring_start. */
void keyring_expect(struct keyring *keyring, const struct server *server);
/* The password to try on a server: 1 (appended), 0 (none is known), -1 (there is one that cannot be opened).
 * password NULL: only whether there may be one, which nothing is opened or fetched for. */
int keyring_password(struct keyring *keyring, const struct server *server, bool on_the_way,
		     struct buf *password, struct err *err);
/* Whether logins are to be made with a certain key alone, or without some: ssh(1) cannot be held to that. */
bool keyring_is_restricted(const struct keyring *keyring);
/* Why the one key that logins are held to cannot be used here, once keyring_start is ready: NULL when it can, or there
 * is no such key; caller frees. */
char *keyring_unusable(struct keyring *keyring);
/* How long the loop stood still so far for passwords to be fetched. */
int64_t keyring_spent_ms(const struct keyring *keyring);

#endif
