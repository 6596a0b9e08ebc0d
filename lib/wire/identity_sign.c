/*
 * Signatures. An RSA signature takes 4 to 19 ms, in which a loop could serve ten servers: it is
 * made in libuv's pool. Those on curves take 0.1 ms, less than the way there and back.
 */
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/agent.h"
#include "lib/wire/blob.h"
#include "lib/wire/identity.h"

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

static void answer(identity_signed_fn *fn, void *ctx, bool done, const struct buf *sig)
{
	if (done)
		fn(ctx, sig->at, sig->len, NULL);
	else
		fn(ctx, NULL, 0, "the key cannot sign that way");
}

/* --- in the pool --- */

/* While the work is under way the pool alone touches what is above the line. */
struct signing {
	uv_work_t work;
	EVP_PKEY *key; /* held: the identity may go first */
	char *algorithm;
	struct buf data, sig;
	bool done;
	/* --- */
	identity_signed_fn *fn; /* NULL: the asker went away */
	void *ctx;
};

static void signing_work(uv_work_t *work)
{
	struct signing *signing = work->data;

	signing->done = sign_with_key(signing->key, signing->algorithm, strlen(signing->algorithm),
				      signing->data.at, signing->data.len, &signing->sig);
}

/* Back in the loop. Forgotten before it began, it was not made at all. */
static void signing_done(uv_work_t *work, int status)
{
	struct signing *signing = work->data;

	(void)status;
	if (signing->fn)
		answer(signing->fn, signing->ctx, signing->done, &signing->sig);
	EVP_PKEY_free(signing->key);
	free(signing->algorithm);
	buf_finish(&signing->data);
	buf_finish(&signing->sig);
	free(signing);
}

static struct signing *signing_start(uv_loop_t *loop, EVP_PKEY *key, const char *algorithm,
				     size_t algorithm_size, const void *data, size_t size,
				     identity_signed_fn *fn, void *ctx)
{
	struct signing *signing = mem_zero(1, sizeof(*signing));

	EVP_PKEY_up_ref(key);
	signing->key = key;
	signing->algorithm = mem_text_n(algorithm, algorithm_size);
	buf_init(&signing->data);
	buf_init(&signing->sig);
	buf_add(&signing->data, data, size);
	signing->fn = fn;
	signing->ctx = ctx;
	signing->work.data = signing;
	uv_queue_work(loop, &signing->work, signing_work, signing_done);
	return signing;
}

/* --- who signs --- */

struct signing *identity_sign(struct identity *identity, uv_loop_t *loop, const char *algorithm,
			      size_t algorithm_size, const void *data, size_t size,
			      identity_signed_fn *fn, void *ctx)
{
	struct buf sig = BUF_INIT;
	bool done;

	if (identity->agent) {
		agent_sign(identity->agent, identity, algorithm, algorithm_size, data, size, fn,
			   ctx);
		return NULL;
	}
	if (EVP_PKEY_base_id(identity->key) == EVP_PKEY_RSA)
		return signing_start(loop, identity->key, algorithm, algorithm_size, data, size, fn,
				     ctx);
	done = sign_with_key(identity->key, algorithm, algorithm_size, data, size, &sig);
	answer(fn, ctx, done, &sig);
	buf_finish(&sig);
	return NULL;
}

void identity_forget(struct identity *identity, struct signing *signing, const void *ctx)
{
	if (signing) {
		signing->fn = NULL;
		uv_cancel((uv_req_t *)&signing->work);
	} else if (identity->agent) {
		agent_forget(identity->agent, ctx);
	}
}
