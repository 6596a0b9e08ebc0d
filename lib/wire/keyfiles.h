/*
 * Key files by path, each read and decrypted at most once per run, with what lies beside them: the
 * certificate (PATH-cert.pub) and the public half (PATH.pub), by which the agent's copy of a locked
 * key is found.
 */
#ifndef MROOM_WIRE_KEYFILES_H
#define MROOM_WIRE_KEYFILES_H

#include <stdbool.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/console.h"
#include "lib/wire/identity.h"

/* A file as it turned out. */
struct keyfile {
	struct identity *identity;  /* NULL: it cannot be used, see trouble */
	struct identity *certified; /* what its certificate makes of it; NULL */
	struct buf half;	    /* the public key, where only that could be had; else empty */
	char *trouble;
	bool shut; /* locked, and nothing was tried on it yet */
};

struct keyfiles;

struct keyfiles *keyfiles_create(struct console *console);
void keyfiles_destroy(struct keyfiles *files); /* wipes; NULL is allowed */

/* Reads the passphrase that opens encrypted keys, instead of the stored ones and a prompt. */
int keyfiles_passphrase(struct keyfiles *files, const char *path, struct err *err);
/* From now on nobody is asked for a passphrase. */
void keyfiles_quiet(struct keyfiles *files);

/* The key at `path` is going to be wanted with `unlock`. */
void keyfiles_expect(struct keyfiles *files, const char *path);
/* Opens the expected ones, which costs a tenth of a second each, in libuv's pool, asking nobody; then calls opened
 * once, maybe before this returns. */
void keyfiles_open(struct keyfiles *files, uv_loop_t *loop, void (*opened)(void *ctx), void *ctx);

/* The file at `path`; never NULL. A locked key is opened only with `unlock`. */
const struct keyfile *keyfiles_get(struct keyfiles *files, const char *path, bool unlock);

/* Reads the second word of a line "TYPE BASE64 COMMENT" (a .pub file, a certificate). */
bool keyfile_public(const char *path, struct buf *blob);

#endif
