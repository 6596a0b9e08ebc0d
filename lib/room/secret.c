/*
 * A sealed value is: one byte, the form's number; 4 bytes that tell keys apart; the nonce; the
 * ciphertext with its tag.
 */
#include "lib/room/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/mem.h"
#include "lib/room/secret_key.h"

#define FORM 1
#define MARK_SIZE 4
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_SIZE (1 + MARK_SIZE + NONCE_SIZE)

_Static_assert(SECRET_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key size");

/* A key in memory. */
struct box_key {
	unsigned char *bytes; /* sodium_malloc: guarded, locked, not dumped; NULL: none */
	unsigned char mark[MARK_SIZE];
};

struct secret_box {
	char *path;
	char *command;	    /* what prints the key, instead of the file; NULL */
	struct box_key key; /* read when it is needed */
	struct box_key old; /* of a rekey that was cut short, secret.key.old */
	struct stat file;   /* as it was when the key was read */
	bool from_file;
};

/* A few bytes that differ between keys and tell nothing about them. */
static void key_mark(unsigned char *mark, const unsigned char *key)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];

	crypto_generichash(hash, sizeof(hash), key, SECRET_KEY_SIZE, NULL, 0);
	memcpy(mark, hash, MARK_SIZE);
}

static void key_drop(struct box_key *key)
{
	sodium_free(key->bytes); /* wipes; NULL is allowed */
	key->bytes = NULL;
}

/* Room for a key that is about to be read. */
static int key_room(struct box_key *key, struct err *err)
{
	key_drop(key);
	key->bytes = sodium_malloc(SECRET_KEY_SIZE);
	return key->bytes ? 0 : err_set(err, STATUS_CONSOLE, "no memory for the sealing key");
}

/* Reads a key file: 1, 0 when there is none, -1. */
static int key_read(struct box_key *key, const char *path, struct err *err)
{
	int found = key_room(key, err) ? -1 : secret_key_read(path, key->bytes, err);

	if (found == 1)
		key_mark(key->mark, key->bytes);
	else
		key_drop(key);
	return found;
}

static int box_fetch(struct secret_box *box, struct err *err)
{
	if (key_room(&box->key, err))
		return -1;
	if (secret_key_fetch(box->command, box->key.bytes, err)) {
		key_drop(&box->key);
		return -1;
	}
	key_mark(box->key.mark, box->key.bytes);
	return 0;
}

/* Reads the key, unless it is there. With `create` a missing file is made. */
static int box_load(struct secret_box *box, bool create, struct err *err)
{
	int found;

	if (box->key.bytes)
		return 0;
	if (sodium_init() < 0)
		return err_set(err, STATUS_CONSOLE, "libsodium finds no source of random numbers");
	if (box->command)
		return box_fetch(box, err);
	found = key_read(&box->key, box->path, err);
	if (!found && create)
		found = secret_key_make(box->path, err) ? -1 : key_read(&box->key, box->path, err);
	if (!found)
		err_set(err, STATUS_USAGE,
			"%s is missing: what was sealed with it cannot be opened "
			"(restore it from a backup)",
			box->path);
	box->from_file = found == 1 && !stat(box->path, &box->file);
	return found == 1 ? 0 : -1;
}

/* Another process may have made a new key since this one read it: mroom state secret rekey. */
static void box_refresh(struct secret_box *box)
{
	struct stat now;

	if (box->key.bytes && box->from_file && !stat(box->path, &now) &&
	    (now.st_ino != box->file.st_ino || now.st_mtime != box->file.st_mtime))
		key_drop(&box->key);
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

struct secret_box *secret_box_at(const char *path, bool create, struct err *err)
{
	struct secret_box *box = mem_zero(1, sizeof(*box));

	box->path = mem_text(path);
	if (!box_load(box, create, err))
		return box;
	secret_box_close(box);
	return NULL;
}

void secret_box_use_command(struct secret_box *box, const char *command)
{
	free(box->command);
	box->command = command && *command ? mem_text(command) : NULL;
}

void secret_box_close(struct secret_box *box)
{
	if (!box)
		return;
	key_drop(&box->key);
	key_drop(&box->old);
	free(box->path);
	free(box->command);
	free(box);
}

int secret_seal(struct secret_box *box, const char *context, const void *text, size_t size,
		struct buf *sealed, struct err *err)
{
	unsigned char *head, *nonce;

	if (size > SECRET_MAX)
		return err_set(err, STATUS_USAGE, "a secret of more than %d bytes", SECRET_MAX);
	box_refresh(box);
	if (box_load(box, true, err))
		return -1;
	buf_reserve(sealed, HEAD_SIZE + size + TAG_SIZE);
	head = (unsigned char *)sealed->at + sealed->len;
	head[0] = FORM;
	memcpy(head + 1, box->key.mark, MARK_SIZE);
	nonce = head + 1 + MARK_SIZE;
	randombytes_buf(nonce, NONCE_SIZE);
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): there is a key */
	crypto_aead_xchacha20poly1305_ietf_encrypt(head + HEAD_SIZE, NULL, text, size,
						   (const unsigned char *)context, strlen(context),
						   NULL, nonce, box->key.bytes);
	sealed->len += HEAD_SIZE + size + TAG_SIZE;
	sealed->at[sealed->len] = '\0';
	return 0;
}

/* The key that a sealed value was sealed under, or NULL. */
static const struct box_key *box_key_for(struct secret_box *box, const unsigned char *mark,
					 struct err *err)
{
	char *old;

	if (box_load(box, false, err))
		return NULL;
	if (!memcmp(mark, box->key.mark, MARK_SIZE))
		return &box->key;
	box_refresh(box);
	if (box_load(box, false, err))
		return NULL;
	if (!memcmp(mark, box->key.mark, MARK_SIZE))
		return &box->key;
	if (!box->old.bytes) {
		old = mem_format("%s.old", box->path);
		key_read(&box->old, old, NULL);
		free(old);
	}
	if (box->old.bytes && !memcmp(mark, box->old.mark, MARK_SIZE))
		return &box->old;
	err_set(err, STATUS_USAGE,
		"sealed under another key than the one %s %s "
		"(restore that key, or set the value again)",
		box->command ? "printed by" : "in", box->command ? box->command : box->path);
	return NULL;
}

int secret_open(struct secret_box *box, const char *context, const void *sealed, size_t size,
		struct buf *text, struct err *err)
{
	const unsigned char *head = sealed;
	const struct box_key *key;
	size_t plain;

	if (size < HEAD_SIZE + TAG_SIZE || head[0] != FORM)
		return err_set(err, STATUS_CONSOLE, "the sealed value is damaged (set it again)");
	key = box_key_for(box, head + 1, err);
	if (!key)
		return -1;
	plain = size - HEAD_SIZE - TAG_SIZE;
	buf_reserve(text, plain);
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): head is not null */
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		(unsigned char *)text->at + text->len, NULL, NULL, head + HEAD_SIZE,
		size - HEAD_SIZE, (const unsigned char *)context, strlen(context),
		head + 1 + MARK_SIZE, key->bytes))
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

int secret_known(struct store *store, const char *kind, const char *name, struct err *err)
{
	struct buf sealed = BUF_INIT;
	int found = store_secret_get(store, kind, name, &sealed, err);

	buf_finish(&sealed);
	return found;
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

/* Sealed and written in one transaction: a new key comes before it or after. */
int secret_set(struct secret_box *box, struct store *store, const char *kind, const char *name,
	       const void *text, size_t size, struct err *err)
{
	bool own = !store_is_begun(store);
	char *context = stored_context(kind, name);
	struct buf sealed = BUF_INIT;
	int result = own ? store_begin(store, err) : 0;

	if (!result)
		result = secret_seal(box, context, text, size, &sealed, err);
	if (!result)
		result = store_secret_set(store, kind, name, sealed.at, sealed.len, err);
	if (own && !result)
		result = store_commit(store, err);
	else if (own)
		store_rollback(store);
	buf_finish(&sealed);
	free(context);
	return result;
}

int secret_move(struct secret_box *box, struct store *store, const char *kind, const char *from,
		const char *to, struct err *err)
{
	struct buf text = BUF_INIT;
	int found = secret_get(box, store, kind, from, &text, err);
	int result = found < 0 ? -1 : 0;

	/* Sealed bytes are bound to their name: they have to be sealed anew. */
	if (found == 1 && (secret_set(box, store, kind, to, text.at, text.len, err) ||
			   store_secret_remove(store, kind, from, err)))
		result = -1;
	buf_wipe(&text);
	return result;
}
