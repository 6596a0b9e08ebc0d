/* Keys as files and servers hold them: lines of authorized_keys, private keys, certificates. Any
 * bytes are a key or none. The first byte chooses. */
#include "lib/wire/authorized.h"

#include <openssl/evp.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/identity.h"
#include "lib/wire/keyfile.h"
#include "tests/fuzz/fuzz.h"

/* What was understood, written as a line again, is the same key. */
static void line(const char *text)
{
	struct authorized key, again;
	char *written;

	if (!authorized_parse(text, &key))
		return;
	must(*key.type && *key.base64 && key.blob.len > 0 && *key.fingerprint && key.bits >= 0);
	must(!strpbrk(key.comment, "\r\n"));
	written = mem_format("%s%s%s %s %s", key.options, *key.options ? " " : "", key.type,
			     key.base64, key.comment);
	must(authorized_parse(written, &again));
	must(again.blob.len == key.blob.len && !memcmp(again.blob.at, key.blob.at, key.blob.len));
	must(!strcmp(again.options, key.options) && !strcmp(again.comment, key.comment));
	free(written);
	authorized_finish(&key);
	authorized_finish(&again);
}

/* Without a passphrase, whose rounds would take long and show nothing of the parser. */
static void private_key(const char *pem)
{
	struct buf blob = BUF_INIT;
	const char *what = "";
	EVP_PKEY *key = NULL;

	must((keyfile_openssh(pem, NULL, &key, &blob, &what) == KEYFILE_GOOD) == (key != NULL));
	EVP_PKEY_free(key);
	buf_finish(&blob);
}

static void read_file(const uint8_t *bytes, size_t count)
{
	const char *path = fuzz_file(bytes, count);
	struct err err = ERR_INIT;
	bool locked;
	struct identity *identity = identity_read(path, NULL, &locked, &err);

	unlink(path);
	must(!identity == (*err.text != '\0'));
	must(!identity || (identity->key && !locked && *identity->fingerprint));
	identity_destroy(identity);
}

/* Beside a key of zeros. */
static void certificate(const uint8_t *bytes, size_t count)
{
	static const char public[] =
	    "\0\0\0\013ssh-"
	    "ed25519\0\0\0\040\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	const char *path = fuzz_file(bytes, count);
	struct identity identity = {.blob = BUF_INIT, .plain = BUF_INIT};
	struct identity *certified;

	buf_add(&identity.blob, public, sizeof(public));
	certified = identity_certified(&identity, path);
	unlink(path);
	must(!certified || (certified->blob.len > identity.blob.len && *certified->fingerprint));
	identity_destroy(certified);
	buf_finish(&identity.blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *text;

	if (!count--)
		return 0;
	text = mem_text_n((const char *)bytes + 1, count);
	switch (*bytes % 4) {
	case 0:
		line(text);
		break;
	case 1:
		private_key(text);
		break;
	case 2:
		read_file(bytes + 1, count);
		break;
	default:
		certificate(bytes + 1, count);
	}
	free(text);
	return 0;
}
