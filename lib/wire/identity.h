/*
 * A key that can prove who we are: a private key file held in memory, or a key that an ssh-agent
 * holds. Key files are read and decrypted once per run and shared by all servers.
 *
 * Signing is asked for through identity_sign; a key on a curve signs at once, an RSA key in libuv's pool and an
 * agent answer later, through the same callback. Private keys are wiped when the identity is destroyed.
 */
#ifndef MROOM_WIRE_IDENTITY_H
#define MROOM_WIRE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct agent;
struct evp_pkey_st;

struct identity {
	char *name;	 /* the file's path, or the agent's comment */
	struct buf blob; /* the public key (RFC 4253, section 6.6), or a certificate for it */
	char fingerprint[64]; /* of blob: "SHA256:..." */
	struct evp_pkey_st *key; /* NULL: the agent holds it */
	struct agent *agent;
	struct buf plain; /* of a certificate whose key an agent holds: the key itself */
};

/*
 * Reads a private key file (OpenSSH, PEM or PKCS#8). `passphrase` may be NULL. Returns NULL with err set;
 * *locked (may be NULL) tells that only a (right) passphrase is missing. A file that others can read is
 * refused, as ssh does.
 */
struct identity *identity_read(const char *path, const char *passphrase, bool *locked,
			       struct err *err);
struct identity *identity_of_agent(struct agent *agent, const void *blob, size_t size,
				   const char *comment);
/*
 * The same key as the certificate at `path` presents it (ssh-keygen -s; one line, "-cert.pub"). NULL when there is
 * none, or none for this key: that is no error, as with ssh.
 */
struct identity *identity_certified(const struct identity *identity, const char *path);
void identity_destroy(struct identity *identity);

/* The key's type as its blob names it ("ssh-ed25519"); valid until the next call is not needed: static text
 * or points into the blob with its length in *size. */
const char *identity_type(const struct identity *identity, size_t *size);

/*
 * Called once with the signature as RFC 4253 and 5656 want it inside the signature blob (without the
 * algorithm's name), or with NULL and why not.
 */
typedef void identity_signed_fn(void *ctx, const void *signature, size_t size, const char *problem);

/*
 * Signs `data`, which is copied where need be, with `algorithm` (rsa-sha2-512, ssh-ed25519, ...). The callback may
 * run before this returns; else it runs from the loop, and what is returned (NULL for an agent) is good for
 * identity_forget until then.
 */
struct signing;
struct signing *identity_sign(struct identity *identity, uv_loop_t *loop, const char *algorithm,
			      size_t algorithm_size, const void *data, size_t size,
			      identity_signed_fn *fn, void *ctx);
/* The asker `ctx` goes away before its signature came: nothing is called any more. The identity may go as well; the
 * loop may not until it has run out. */
void identity_forget(struct identity *identity, struct signing *signing, const void *ctx);

#endif
