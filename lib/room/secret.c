/*
 * A sealed value is: one byte, the form's number; 4 bytes that tell keys apart; the nonce; the
 * ciphertext with its tag.
 */
#include "lib/room/secret.h"

#include <sodium.h>

#include "lib/base/mem.h"
#include "lib/room/secret_key.h"

#define FORM 1
#define MARK_SIZE 4
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_SIZE (1 + MARK_SIZE + NONCE_SIZE)

_Static_assert(SECRET_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key size");

struct secret_box {
	char *path;
	unsigned char *key; /* sodium_malloc: guarded, locked, not dumped; NULL until needed */
	unsigned char mark[MARK_SIZE];
};

/* A few bytes that differ between keys and tell nothing about them. */
static void key_mark(unsigned char *mark, const unsigned char *key)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];

	crypto_generichash(hash, sizeof(hash), key, SECRET_KEY_SIZE, NULL, 0);
	memcpy(mark, hash, MARK_SIZE);
}

/* Reads the key, unless it is there. With `create` a missing file is made. */
static int box_load(struct secret_box *box, bool create, struct err *err)
{
	int found;

	if (box->key)
		return 0;
	if (sodium_init() < 0)
		return err_set(err, STATUS_CONSOLE, "libsodium finds no source of random numbers");
	box->key = sodium_malloc(SECRET_KEY_SIZE);
	if (!box->key)
		return err_set(err, STATUS_CONSOLE, "no memory for the sealing key");
	found = secret_key_read(box->path, box->key, err);
	if (!found && create)
		found = secret_key_make(box->path, err) ? -1
							: secret_key_read(box->path, box->key, err);
	if (found == 1) {
		key_mark(box->mark, box->key);
		return 0;
	}
	if (!found)
		err_set(err, STATUS_USAGE,
			"%s is missing: what was sealed with it cannot be opened "
			"(restore it from a backup)",
			box->path);
	sodium_free(box->key);
	box->key = NULL;
	return -1;
}

struct secret_box *secret_box_open(const struct home *home, bool create, struct err *err)
{
	struct secret_box *box = mem_zero(1, sizeof(*box));

	box->path = home_path(home, "secret.key");
	if (create && box_load(box, true, err)) {
		secret_box_close(box);
		return NULL;
	}
	return box;
}

void secret_box_close(struct secret_box *box)
{
	if (!box)
		return;
	sodium_free(box->key); /* wipes */
	free(box->path);
	free(box);
}

int secret_seal(struct secret_box *box, const char *context, const void *text, size_t size,
		struct buf *sealed, struct err *err)
{
	unsigned char *head, *nonce;

	if (size > SECRET_MAX)
		return err_set(err, STATUS_USAGE, "a secret of more than %d bytes", SECRET_MAX);
	if (box_load(box, true, err))
		return -1;
	buf_reserve(sealed, HEAD_SIZE + size + TAG_SIZE);
	head = (unsigned char *)sealed->at + sealed->len;
	head[0] = FORM;
	memcpy(head + 1, box->mark, MARK_SIZE);
	nonce = head + 1 + MARK_SIZE;
	randombytes_buf(nonce, NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(head + HEAD_SIZE, NULL, text, size,
						   (const unsigned char *)context, strlen(context),
						   NULL, nonce, box->key);
	sealed->len += HEAD_SIZE + size + TAG_SIZE;
	sealed->at[sealed->len] = '\0';
	return 0;
}

int secret_open(struct secret_box *box, const char *context, const void *sealed, size_t size,
		struct buf *text, struct err *err)
{
	const unsigned char *head = sealed;
	size_t plain;

	if (size < HEAD_SIZE + TAG_SIZE || head[0] != FORM)
		return err_set(err, STATUS_CONSOLE, "the sealed value is damaged (set it again)");
	if (box_load(box, false, err))
		return -1;
	if (memcmp(head + 1, box->mark, MARK_SIZE) != 0)
		return err_set(err, STATUS_USAGE,
			       "sealed under another key than the one in %s "
			       "(restore that key, or set the value again)",
			       box->path);
	plain = size - HEAD_SIZE - TAG_SIZE;
	buf_reserve(text, plain);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		(unsigned char *)text->at + text->len, NULL, NULL, head + HEAD_SIZE,
		size - HEAD_SIZE, (const unsigned char *)context, strlen(context),
		head + 1 + MARK_SIZE, box->key))
		return err_set(err, STATUS_CONSOLE,
			       "the sealed value does not open: it was changed, or "
			       "moved here from another place (set it again)");
	text->len += plain;
	text->at[text->len] = '\0';
	return 0;
}

/* What a stored secret is sealed for. Kinds hold no colon, so this is unambiguous. */
static char *stored_context(const char *kind, const char *name)
{
	return mem_format("%s:%s", kind, name);
}

int secret_get(struct secret_box *box, struct store *store, const char *kind, const char *name,
	       struct buf *text, struct err *err)
{
	char *context = stored_context(kind, name);
	struct buf sealed = BUF_INIT;
	int result = store_secret_get(store, kind, name, &sealed, err);

	if (result == 1 && secret_open(box, context, sealed.at, sealed.len, text, err))
		result = err_prefix(err, "%s of %s", kind, name);
	buf_finish(&sealed);
	free(context);
	return result;
}

int secret_matches(struct secret_box *box, struct store *store, const char *kind, const char *name,
		   const char *text, struct err *err)
{
	char *context = stored_context(kind, name);
	struct buf sealed = BUF_INIT;
	struct buf opened = BUF_INIT;
	int result = store_secret_get(store, kind, name, &sealed, err);

	if (result == 1)
		result = !secret_open(box, context, sealed.at, sealed.len, &opened, NULL) &&
			 buf_equals(&opened, text);
	buf_wipe(&opened);
	buf_finish(&sealed);
	free(context);
	return result;
}

int secret_set(struct secret_box *box, struct store *store, const char *kind, const char *name,
	       const void *text, size_t size, struct err *err)
{
	char *context = stored_context(kind, name);
	struct buf sealed = BUF_INIT;
	int result = secret_seal(box, context, text, size, &sealed, err);

	if (!result)
		result = store_secret_set(store, kind, name, sealed.at, sealed.len, err);
	buf_finish(&sealed);
	free(context);
	return result;
}
