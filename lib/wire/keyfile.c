/* Private key files of every format people have. Reading one, and above all decrypting it, happens once per run. */
#include "lib/wire/keyfile.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/blob.h"
#include "lib/wire/identity.h"
#include "lib/wire/knownhosts.h"

#define KEYFILE_MAX (64 * 1024)

/* OpenSSL asks here for a passphrase. */
static int give_passphrase(char *into, int size, int writing, void *passphrase)
{
	size_t count = passphrase ? strlen(passphrase) : 0;

	(void)writing;
	if (!passphrase || count > (size_t)size)
		return -1;
	memcpy(into, passphrase, count);
	return (int)count;
}

static void put_number(struct buf *blob, const EVP_PKEY *key, const char *name)
{
	unsigned char bytes[2048];
	BIGNUM *number = NULL;

	if (EVP_PKEY_get_bn_param(key, name, &number) && BN_num_bytes(number) <= (int)sizeof(bytes))
		blob_put_mpint(blob, bytes, (size_t)BN_bn2bin(number, bytes));
	BN_free(number);
}

static bool put_ecdsa(struct buf *blob, const EVP_PKEY *key)
{
	static const char *const curves[][2] = {
		{"prime256v1", "nistp256"}, {"secp384r1", "nistp384"}, {"secp521r1", "nistp521"}};
	unsigned char point[256];
	char group[64];
	size_t size = 0;

	if (!EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) ||
	    !EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					     &size))
		return false;
	for (size_t i = 0; i < 3; i++) {
		char type[32];

		if (strcmp(group, curves[i][0]) != 0)
			continue;
		snprintf(type, sizeof(type), "ecdsa-sha2-%s", curves[i][1]);
		blob_put_string(blob, type, strlen(type));
		blob_put_string(blob, curves[i][1], strlen(curves[i][1]));
		blob_put_string(blob, point, size);
		return true;
	}
	return false;
}

/* The public key as SSH writes it (RFC 4253, 5656, 8709); false for a type SSH does not have. */
static bool put_public(struct buf *blob, const EVP_PKEY *key)
{
	unsigned char raw[32];
	size_t size = sizeof(raw);

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_ED25519:
		if (!EVP_PKEY_get_raw_public_key(key, raw, &size))
			return false;
		blob_put_string(blob, "ssh-ed25519", 11);
		blob_put_string(blob, raw, size);
		return true;
	case EVP_PKEY_RSA:
		blob_put_string(blob, "ssh-rsa", 7);
		put_number(blob, key, OSSL_PKEY_PARAM_RSA_E);
		put_number(blob, key, OSSL_PKEY_PARAM_RSA_N);
		return true;
	case EVP_PKEY_EC:
		return put_ecdsa(blob, key);
	default:
		return false;
	}
}

static enum keyfile_result keyfile_pem(const char *pem, const char *passphrase, EVP_PKEY **key,
				       struct buf *blob, const char **what)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	bool encrypted = strstr(pem, "ENCRYPTED") != NULL;

	*key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, (void *)(uintptr_t)passphrase)
		   : NULL;
	BIO_free(bio);
	ERR_clear_error();
	if (!*key)
		return !encrypted ? KEYFILE_MALFORMED
		       : passphrase ? KEYFILE_WRONG_PASSPHRASE
				    : KEYFILE_LOCKED;
	if (put_public(blob, *key))
		return KEYFILE_GOOD;
	EVP_PKEY_free(*key);
	*key = NULL;
	*what = "keys of this type";
	return KEYFILE_UNSUPPORTED;
}

/* Looked at before it is opened, so that a FIFO in a key's place cannot hang the run. */
static int keyfile_read(const char *path, struct buf *text, struct err *err)
{
	struct stat st;

	if (stat(path, &st))
		return err_sys(err, STATUS_USAGE, errno, "key %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, STATUS_USAGE, "key %s: not a regular file", path);
	if (st.st_mode & 077)
		return err_set(err, STATUS_USAGE,
			       "key %s: mode %03o is open to others, so it is not used (try: chmod 600)",
			       path, (unsigned)(st.st_mode & 0777));
	return io_read_file(path, KEYFILE_MAX, text, err);
}

static int keyfile_complain(enum keyfile_result result, const char *path, const char *what,
			    struct err *err)
{
	switch (result) {
	case KEYFILE_LOCKED:
		return err_set(err, STATUS_USAGE,
			       "key %s: it needs a passphrase (try: ssh-add, or --passphrase-file)", path);
	case KEYFILE_WRONG_PASSPHRASE:
		return err_set(err, STATUS_USAGE, "key %s: the passphrase does not open it", path);
	case KEYFILE_UNSUPPORTED:
		return err_set(err, STATUS_USAGE, "key %s: %s cannot be used from a file", path, what);
	default:
		return err_set(err, STATUS_USAGE, "key %s: it cannot be read as a private key", path);
	}
}

struct identity *identity_read(const char *path, const char *passphrase, bool *locked,
			       struct err *err)
{
	struct buf text = BUF_INIT, blob = BUF_INIT;
	struct identity *identity = NULL;
	EVP_PKEY *key = NULL;
	const char *what = "";
	enum keyfile_result result;

	if (locked)
		*locked = false;
	if (keyfile_read(path, &text, err))
		goto out;
	result = strstr(text.at, "BEGIN OPENSSH PRIVATE KEY")
		     ? keyfile_openssh(text.at, passphrase, &key, &blob, &what)
		     : keyfile_pem(text.at, passphrase, &key, &blob, &what);
	if (result != KEYFILE_GOOD) {
		keyfile_complain(result, path, what, err);
		if (locked)
			*locked = result == KEYFILE_LOCKED || result == KEYFILE_WRONG_PASSPHRASE;
		goto out;
	}
	identity = mem_zero(1, sizeof(*identity));
	identity->name = mem_text(path);
	identity->key = key;
	identity->blob = blob;
	buf_init(&identity->plain);
	hostkey_fingerprint(identity->blob.at, identity->blob.len, identity->fingerprint);
	buf_init(&blob);
out:
	buf_finish(&blob);
	buf_wipe(&text);
	return identity;
}
