#include "lib/wire/keyfile.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <sodium.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/bcrypt.h"
#include "lib/wire/blob.h"

#define MAGIC "openssh-key-v1"

/* What a file may ask for without keeping the console busy for minutes. */
#define KDF_ROUNDS_MAX 4096

/* --- the container --- */

static const struct cipher {
	const char *name, *openssl;
	size_t key, iv, tag;
} ciphers[] = {
	{"aes256-ctr", "aes-256-ctr", 32, 16, 0}, {"aes192-ctr", "aes-192-ctr", 24, 16, 0},
	{"aes128-ctr", "aes-128-ctr", 16, 16, 0}, {"aes256-cbc", "aes-256-cbc", 32, 16, 0},
	{"aes192-cbc", "aes-192-cbc", 24, 16, 0}, {"aes128-cbc", "aes-128-cbc", 16, 16, 0},
	{"aes256-gcm@openssh.com", "aes-256-gcm", 32, 12, 16},
	{"aes128-gcm@openssh.com", "aes-128-gcm", 16, 12, 16},
};

static bool unarmour(const char *pem, struct buf *raw)
{
	static const char head[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
	const char *begin = strstr(pem, head), *end;
	size_t size, got;

	if (!begin)
		return false;
	begin += sizeof(head) - 1;
	end = strstr(begin, "-----END OPENSSH PRIVATE KEY-----");
	if (!end)
		return false;
	size = (size_t)(end - begin);
	buf_reserve(raw, size);
	if (sodium_base642bin((unsigned char *)raw->at, size, begin, size, "\r\n\t ", &got, NULL,
			      sodium_base64_VARIANT_ORIGINAL))
		return false;
	raw->len = got;
	return got > sizeof(MAGIC) && !memcmp(raw->at, MAGIC, sizeof(MAGIC));
}

static bool decrypt(const struct cipher *cipher, const unsigned char *secret,
		    const struct blob *sealed, const struct blob *tag, struct buf *plain)
{
	EVP_CIPHER *algorithm = EVP_CIPHER_fetch(NULL, cipher->openssl, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int got = 0, rest = 0;
	bool good;

	buf_reserve(plain, sealed->left + 32);
	good = algorithm && ctx &&
	       EVP_DecryptInit_ex2(ctx, algorithm, secret, secret + cipher->key, NULL) &&
	       EVP_CIPHER_CTX_set_padding(ctx, 0) &&
	       (!cipher->tag || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)cipher->tag,
						    (void *)(uintptr_t)tag->at)) &&
	       EVP_DecryptUpdate(ctx, (unsigned char *)plain->at, &got, sealed->at,
				 (int)sealed->left) &&
	       EVP_DecryptFinal_ex(ctx, (unsigned char *)plain->at + got, &rest);
	plain->len = good ? (size_t)(got + rest) : 0;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(algorithm);
	return good;
}

static enum keyfile_result unlock(const struct blob *cipher_name, struct blob *options,
				  const struct blob *sealed, const struct blob *rest,
				  const char *passphrase, struct buf *plain, const char **what)
{
	const struct cipher *cipher = NULL;
	struct blob salt = blob_string(options), tag = *rest;
	uint32_t rounds = blob_u32(options);
	unsigned char secret[64];
	enum keyfile_result result = KEYFILE_WRONG_PASSPHRASE;

	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		if (blob_equals(cipher_name, ciphers[i].name))
			cipher = &ciphers[i];
	}
	if (!cipher) {
		*what = "keys encrypted with a cipher other than AES";
		return KEYFILE_UNSUPPORTED;
	}
	if (options->bad || rounds > KDF_ROUNDS_MAX || tag.left < cipher->tag)
		return KEYFILE_MALFORMED;
	if (!passphrase)
		return KEYFILE_LOCKED;
	if (*passphrase && !bcrypt_pbkdf(passphrase, strlen(passphrase), salt.at, salt.left, rounds,
					 secret, cipher->key + cipher->iv) &&
	    decrypt(cipher, secret, sealed, &tag, plain))
		result = KEYFILE_GOOD;
	mem_wipe(secret, sizeof(secret));
	return result;
}

/* --- the keys inside --- */

static EVP_PKEY *build_key(const char *type, OSSL_PARAM_BLD *build)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY *key = NULL;

	if (!ctx || !params || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *read_ed25519(struct blob *blob)
{
	struct blob public = blob_string(blob), secret = blob_string(blob);

	if (public.bad || secret.bad || secret.left != 64)
		return NULL;
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret.at, 32);
}

static BIGNUM *read_mpint(struct blob *blob)
{
	struct blob number = blob_string(blob);

	return number.bad ? NULL : BN_bin2bn(number.at, (int)number.left, NULL);
}

/* d mod (prime - 1): the exponents of the Chinese remainder form are not in the file. */
static BIGNUM *exponent(const BIGNUM *d, const BIGNUM *prime)
{
	BIGNUM *less = BN_dup(prime), *result = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	if (!less || !result || !ctx || !BN_sub_word(less, 1) || !BN_mod(result, d, less, ctx)) {
		BN_free(result);
		result = NULL;
	}
	BN_clear_free(less);
	BN_CTX_free(ctx);
	return result;
}

static EVP_PKEY *read_rsa(struct blob *blob)
{
	enum { N, E, D, IQMP, P, Q, DP, DQ, COUNT };
	static const char *const names[COUNT] = {
		OSSL_PKEY_PARAM_RSA_N,		  OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_D,		  OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
		OSSL_PKEY_PARAM_RSA_FACTOR1,	  OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2};
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *numbers[COUNT] = {NULL};
	EVP_PKEY *key = NULL;
	bool good = build != NULL;

	for (int i = N; i <= Q; i++)
		good = (numbers[i] = read_mpint(blob)) && good;
	if (good) {
		numbers[DP] = exponent(numbers[D], numbers[P]);
		numbers[DQ] = exponent(numbers[D], numbers[Q]);
	}
	for (int i = N; i < COUNT; i++)
		good = good && numbers[i] && OSSL_PARAM_BLD_push_BN(build, names[i], numbers[i]);
	if (good)
		key = build_key("RSA", build);
	OSSL_PARAM_BLD_free(build);
	for (int i = N; i < COUNT; i++)
		BN_clear_free(numbers[i]);
	return key;
}

static EVP_PKEY *read_ecdsa(struct blob *blob)
{
	static const char *const groups[][2] = {
		{"nistp256", "P-256"}, {"nistp384", "P-384"}, {"nistp521", "P-521"}};
	struct blob curve = blob_string(blob), point = blob_string(blob);
	BIGNUM *secret = read_mpint(blob);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	for (size_t i = 0; i < 3 && secret && build && !point.bad; i++) {
		if (blob_equals(&curve, groups[i][0]) &&
		    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, groups[i][1],
						    0) &&
		    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.at,
						     point.left) &&
		    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, secret))
			key = build_key("EC", build);
	}
	OSSL_PARAM_BLD_free(build);
	BN_clear_free(secret);
	return key;
}

/* Two equal check numbers, then the key: unequal ones mean that decryption went wrong. */
static enum keyfile_result read_key(struct blob blob, bool encrypted, EVP_PKEY **key,
				    const char **what)
{
	uint32_t check = blob_u32(&blob), again = blob_u32(&blob);
	struct blob type = blob_string(&blob);

	if (check != again || type.bad)
		return encrypted ? KEYFILE_WRONG_PASSPHRASE : KEYFILE_MALFORMED;
	if (blob_equals(&type, "ssh-ed25519"))
		*key = read_ed25519(&blob);
	else if (blob_equals(&type, "ssh-rsa"))
		*key = read_rsa(&blob);
	else if (type.left > 11 && !memcmp(type.at, "ecdsa-sha2-", 11))
		*key = read_ecdsa(&blob);
	else {
		*what = "keys of this type (FIDO keys work through ssh-agent)";
		return KEYFILE_UNSUPPORTED;
	}
	return *key ? KEYFILE_GOOD : KEYFILE_MALFORMED;
}

enum keyfile_result keyfile_openssh(const char *pem, const char *passphrase, EVP_PKEY **key,
				    struct buf *blob, const char **what)
{
	struct buf raw = BUF_INIT, plain = BUF_INIT;
	enum keyfile_result result = KEYFILE_MALFORMED;
	struct blob reader, cipher, kdf, options, public, sealed;
	bool encrypted;

	if (!unarmour(pem, &raw))
		goto out;
	reader = blob_of(raw.at + sizeof(MAGIC), raw.len - sizeof(MAGIC));
	cipher = blob_string(&reader);
	kdf = blob_string(&reader);
	options = blob_string(&reader);
	blob_u32(&reader); /* how many keys: one */
	public = blob_string(&reader);
	sealed = blob_string(&reader);
	encrypted = !blob_equals(&cipher, "none");
	if (sealed.bad || (encrypted && !blob_equals(&kdf, "bcrypt")))
		goto out;
	result = KEYFILE_GOOD;
	if (encrypted)
		result = unlock(&cipher, &options, &sealed, &reader, passphrase, &plain, what);
	if (result == KEYFILE_GOOD)
		result = read_key(encrypted ? blob_of(plain.at, plain.len) : sealed, encrypted, key,
				  what);
	if (result == KEYFILE_GOOD)
		buf_add(blob, public.at, public.left);
out:
	buf_wipe(&plain);
	buf_wipe(&raw);
	return result;
}
