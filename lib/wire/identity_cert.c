/* User certificates beside keys (OpenSSH PROTOCOL.certkeys): which key they are for, and until
 * when. */
#include <openssl/evp.h>
#include <string.h>
#include <time.h>

#include "lib/base/mem.h"
#include "lib/wire/blob.h"
#include "lib/wire/identity.h"
#include "lib/wire/keyfiles.h"
#include "lib/wire/knownhosts.h"

#define CERT_USER 1

static uint64_t blob_u64(struct blob *blob)
{
	uint64_t high = blob_u32(blob);

	return high << 32 | blob_u32(blob);
}

/* Whether it is a certificate for this key that a user may present now. */
static bool serves(const struct buf *cert, const struct buf *key)
{
	struct blob given = blob_of(cert->at, cert->len), plain = blob_of(key->at, key->len);
	struct blob type = blob_string(&given);
	uint64_t now = (uint64_t)time(NULL), after, before;

	blob_string(&given); /* nonce */
	blob_string(&plain);
	if (given.bad || type.bad || plain.bad || given.left < plain.left ||
	    memcmp(given.at, plain.at, plain.left) != 0)
		return false;
	given.at += plain.left;
	given.left -= plain.left;
	blob_u64(&given); /* serial */
	if (blob_u32(&given) != CERT_USER)
		return false;
	blob_string(&given); /* key id */
	blob_string(&given); /* principals */
	after = blob_u64(&given);
	before = blob_u64(&given);
	return !given.bad && after <= now && now < before;
}

struct identity *identity_certified(const struct identity *identity, const char *path)
{
	struct buf blob = BUF_INIT;
	struct identity *certified = NULL;

	if (!keyfile_public(path, &blob) || !serves(&blob, &identity->blob))
		goto out;
	certified = mem_zero(1, sizeof(*certified));
	certified->name = mem_text(path);
	certified->key = identity->key;
	if (certified->key)
		EVP_PKEY_up_ref(certified->key);
	certified->agent = identity->agent;
	buf_init(&certified->plain);
	buf_add(&certified->plain, identity->blob.at, identity->blob.len);
	certified->blob = blob;
	buf_init(&blob);
	hostkey_fingerprint(certified->blob.at, certified->blob.len, certified->fingerprint);
out:
	buf_finish(&blob);
	return certified;
}
