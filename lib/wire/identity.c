#include "lib/wire/identity.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/agent.h"
#include "lib/wire/blob.h"

struct identity *identity_of_agent(struct agent *agent, const void *blob, size_t size,
				   const char *comment)
{
	struct identity *identity = mem_zero(1, sizeof(*identity));

	identity->name = mem_text(comment);
	buf_init(&identity->blob);
	buf_add(&identity->blob, blob, size);
	identity->agent = agent;
	return identity;
}

void identity_destroy(struct identity *identity)
{
	if (!identity)
		return;
	free(identity->name);
	buf_finish(&identity->blob);
	EVP_PKEY_free(identity->key);
	free(identity);
}

const char *identity_type(const struct identity *identity, size_t *size)
{
	struct blob blob = blob_of(identity->blob.at, identity->blob.len);
	struct blob type = blob_string(&blob);

	*size = type.left;
	return type.bad ? "" : (const char *)type.at;
}

/* ECDSA signatures travel as two mpints (RFC 5656, section 3.1.2); OpenSSL gives DER. */
static bool ecdsa_to_ssh(const unsigned char *der, size_t size, struct buf *out)
{
	const unsigned char *at = der;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)size);
	unsigned char number[80];
	int count;

	if (!sig)
		return false;
	count = BN_bn2bin(ECDSA_SIG_get0_r(sig), number);
	blob_put_mpint(out, number, (size_t)count);
	count = BN_bn2bin(ECDSA_SIG_get0_s(sig), number);
	blob_put_mpint(out, number, (size_t)count);
	ECDSA_SIG_free(sig);
	return true;
}

static bool algorithm_is(const char *algorithm, size_t size, const char *name)
{
	return size == strlen(name) && !memcmp(algorithm, name, size);
}

/* The digest that goes with an algorithm's name; *known is false for names nobody knows. */
static const EVP_MD *algorithm_digest(const char *algorithm, size_t size, bool *known)
{
	static const struct {
		const char *name;
		const EVP_MD *(*digest)(void);
	} digests[] = {
		{"ssh-ed25519", NULL},
		{"rsa-sha2-512", EVP_sha512},
		{"rsa-sha2-256", EVP_sha256},
		{"ssh-rsa", EVP_sha1},
		{"ecdsa-sha2-nistp256", EVP_sha256},
		{"ecdsa-sha2-nistp384", EVP_sha384},
		{"ecdsa-sha2-nistp521", EVP_sha512},
	};

	*known = true;
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		if (algorithm_is(algorithm, size, digests[i].name))
			return digests[i].digest ? digests[i].digest() : NULL;
	}
	*known = false;
	return NULL;
}

static bool sign_with_key(EVP_PKEY *key, const char *algorithm, size_t algorithm_size,
			  const void *data, size_t size, struct buf *out)
{
	bool known, done = false;
	const EVP_MD *digest = algorithm_digest(algorithm, algorithm_size, &known);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[1024]; /* RSA of 8192 bits */
	size_t sig_size = sizeof(sig);

	if (!known || !ctx || EVP_DigestSignInit(ctx, NULL, digest, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, sig, &sig_size, data, size) != 1)
		goto out;
	if (EVP_PKEY_base_id(key) == EVP_PKEY_EC) {
		done = ecdsa_to_ssh(sig, sig_size, out);
	} else {
		buf_add(out, sig, sig_size);
		done = true;
	}
out:
	EVP_MD_CTX_free(ctx);
	return done;
}

void identity_sign(struct identity *identity, const char *algorithm, size_t algorithm_size,
		   const void *data, size_t size, identity_signed_fn *fn, void *ctx)
{
	struct buf sig = BUF_INIT;

	if (identity->agent) {
		agent_sign(identity->agent, identity, algorithm, algorithm_size, data, size, fn,
			   ctx);
		return;
	}
	if (sign_with_key(identity->key, algorithm, algorithm_size, data, size, &sig))
		fn(ctx, sig.at, sig.len, NULL);
	else
		fn(ctx, NULL, 0, "the key cannot sign that way");
	buf_finish(&sig);
}
