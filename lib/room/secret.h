/*
 * Secrets at rest: sealed with libsodium (XChaCha20-Poly1305) under $MROOM_HOME/secret.key, a
 * random key file of mode 0600 that is made when the first secret is sealed. What is opened is
 * wiped by whoever asked for it (buf_wipe).
 *
 * The key is read when it is first needed, so a home without secrets needs no key file and a tool
 * that touches none pays nothing. A key file that others can read is refused (status 2, says chmod
 * 600). Key memory is locked and left out of core dumps.
 */
#ifndef MROOM_ROOM_SECRET_H
#define MROOM_ROOM_SECRET_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/home.h"
#include "lib/room/store.h"

/* No secret is longer: passwords, passphrases, pre-shared keys. */
#define SECRET_MAX 65536

struct secret_box;

/* With `create` the key file is read now, and made when there is none; else both wait until a
 * secret is opened or sealed. NULL on error. */
struct secret_box *secret_box_open(const struct home *home, bool create, struct err *err);
/* The same with another key file. */
struct secret_box *secret_box_at(const char *path, bool create, struct err *err);
/* From now on the key is what this shell command prints, 64 hex digits; "" or NULL: the file. The
 * command runs when a secret is first opened or sealed. */
void secret_box_use_command(struct secret_box *box, const char *command);
void secret_box_close(struct secret_box *box); /* wipes; NULL is allowed */

/* Appends the sealed form of text. `context` (kind and name) is authenticated along with it, so
 * that a sealed value moved to another row does not open. */
int secret_seal(struct secret_box *box, const char *context, const void *text, size_t size,
		struct buf *sealed, struct err *err);
/* Appends the opened text; -1 when it was sealed under another key, or tampered with. */
int secret_open(struct secret_box *box, const char *context, const void *sealed, size_t size,
		struct buf *text, struct err *err);

/* A stored secret by kind and name, opened: 1, 0 (none), -1. */
int secret_get(struct secret_box *box, struct store *store, const char *kind, const char *name,
	       struct buf *text, struct err *err);
/* Whether one is stored, which nothing is opened for: 1, 0, -1. */
int secret_known(struct store *store, const char *kind, const char *name, struct err *err);
/* Whether text is what is stored: 1; 0 when it differs, when nothing is stored, and when what is
 * stored cannot be opened (its key is lost: setting it again is the way out); -1 when the store
 * failed. */
int secret_matches(struct secret_box *box, struct store *store, const char *kind, const char *name,
		   const char *text, struct err *err);
int secret_set(struct secret_box *box, struct store *store, const char *kind, const char *name,
	       const void *text, size_t size, struct err *err);

/* What is stored under one name goes to another; nothing stored is no error. */
int secret_move(struct secret_box *box, struct store *store, const char *kind, const char *from,
		const char *to, struct err *err);

/*
 * Seals everything in the store anew, in one transaction: under a new random key, which takes the
 * place of the key file; or under the one in the file `to`, which key_command has to print from
 * then on. Another process that seals meanwhile waits, and takes the new key; one that is cut short
 * leaves values that open still (secret_rekey.c). *count of them.
 */
int secret_rekey(struct secret_box *box, struct store *store, const struct home *home,
		 const char *to, size_t *count, struct err *err);

/* Turns core dumps off and makes the process undumpable: called first thing by every tool that may
 * hold a secret. */
void secret_harden_process(void);

/* Asks on the terminal with echo off ("Password: "), from /dev/tty; status 2 when there is none,
 * 130 when it was interrupted. The terminal is as before afterwards. */
int secret_prompt(const char *prompt, struct buf *text, struct err *err);

#endif
