#include "lib/wire/knownhosts.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/glob.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/blob.h"
#include "lib/wire/knownhosts_index.h"

void hostkey_fingerprint(const void *blob, size_t size, char fingerprint[64])
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof(digest), sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];

	crypto_hash_sha256(digest, blob, size);
	sodium_bin2base64(text, sizeof(text), digest, sizeof(digest),
			  sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	snprintf(fingerprint, 64, "SHA256:%s", text);
}

struct knownhosts *knownhosts_open(const char *own, const char *const *others, struct err *err)
{
	struct knownhosts *known = mem_zero(1, sizeof(*known));

	known->own = mem_text(own);
	known->names = map_create();
	known->keys = map_create();
	if (known_read_file(known, own, err))
		goto bad;
	for (; *others; others++) {
		if (known_read_file(known, *others, err))
			goto bad;
	}
	return known;
bad:
	knownhosts_close(known);
	return NULL;
}

void knownhosts_close(struct knownhosts *known)
{
	const char *name;
	void *value;
	size_t at = 0;

	if (!known)
		return;
	for (size_t i = 0; i < known->entry_count; i++) {
		free(known->entries[i]->patterns);
		free(known->entries[i]);
	}
	free(known->entries);
	while (map_next(known->keys, &at, &name, &value)) {
		free(((struct key *)value)->blob);
		free(value);
	}
	map_destroy(known->names);
	map_destroy(known->keys);
	list_finish(&known->files);
	free(known->own);
	free(known);
}

void known_name(struct buf *name, const char *host, long port)
{
	if (port == 22)
		buf_text(name, host);
	else
		buf_format(name, "[%s]:%ld", host, port);
	for (size_t i = 0; i < name->len; i++) {
		if (name->at[i] >= 'A' && name->at[i] <= 'Z')
			name->at[i] = (char)(name->at[i] + 32);
	}
}

static bool hash_matches(const struct entry *entry, const struct buf *name)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	HMAC(EVP_sha1(), entry->salt, HASH_SIZE, (const unsigned char *)name->at, name->len, hash,
	     &size);
	return size == HASH_SIZE && !memcmp(hash, entry->hash, HASH_SIZE);
}

static void fill_where(struct hostkey_where *where, const struct entry *entry)
{
	where->file = entry->file;
	where->line = entry->line;
	hostkey_fingerprint(entry->key->blob, entry->key->size, where->fingerprint);
}

static bool same_type(const struct key *key, const void *blob, size_t size)
{
	struct blob a = blob_of(key->blob, key->size), b = blob_of(blob, size);
	struct blob x = blob_string(&a), y = blob_string(&b);

	return !x.bad && !y.bad && x.left == y.left && !memcmp(x.at, y.at, x.left);
}

void known_each(struct knownhosts *known, const struct buf *name, bool hashed, known_entry_fn *fn,
		void *ctx)
{
	const struct entry *entry;

	for (entry = map_get_n(known->names, name->at, name->len); entry; entry = entry->next)
		fn(ctx, entry);
	for (entry = known->patterned; entry; entry = entry->next_all) {
		if (glob_list_match(entry->patterns, name->at))
			fn(ctx, entry);
	}
	for (entry = hashed ? known->hashed : NULL; entry; entry = entry->next_all) {
		if (hash_matches(entry, name))
			fn(ctx, entry);
	}
}

struct search {
	const void *blob;
	size_t size;
	const struct entry *same, *changed, *other;
};

static void search_entry(void *ctx, const struct entry *entry)
{
	struct search *search = ctx;

	if (entry->key->size == search->size && !memcmp(entry->key->blob, search->blob, search->size))
		search->same = entry;
	else if (same_type(entry->key, search->blob, search->size))
		search->changed = entry;
	else
		search->other = entry;
}

static const struct entry *find_revoked(struct knownhosts *known, const struct key *key,
					const struct buf *name)
{
	const struct entry *entry;

	for (entry = known->revoked; entry; entry = entry->next_all) {
		if (entry->key == key && glob_list_match(entry->patterns, name->at))
			return entry;
	}
	return NULL;
}

/*
 * The hashed line that knows this key by this name. Once found it is indexed by the name, so that no line is looked
 * at twice: where thousands of lines share a key (images that were cloned) servers come in the file's order.
 */
static const struct entry *find_hashed(struct knownhosts *known, struct key *key,
				       const struct buf *name)
{
	struct entry **link, *entry;

	for (link = &key->hashed; (entry = *link) != NULL; link = &entry->next) {
		if (!hash_matches(entry, name))
			continue;
		*link = entry->next;
		if (!entry->next)
			key->hashed_end = link;
		entry->next = map_get_n(known->names, name->at, name->len);
		map_set_n(known->names, name->at, name->len, entry);
		return entry;
	}
	return NULL;
}

/* The line that knows this very key by this name, without a walk over all hashed lines. */
static const struct entry *find_same(struct knownhosts *known, struct key *key,
				     struct search *search, const struct buf *name)
{
	known_each(known, name, false, search_entry, search);
	if (search->same || !key)
		return search->same;
	return find_hashed(known, key, name);
}

static enum hostkey_verdict check_name(struct knownhosts *known, const char *host, long port,
				       const void *blob, size_t size,
				       struct hostkey_where *where)
{
	struct key *key = known_key_find(known, blob, size);
	struct search search = {blob, size, NULL, NULL, NULL};
	enum hostkey_verdict verdict = HOSTKEY_UNKNOWN;
	const struct entry *entry = NULL;
	struct buf name = BUF_INIT;

	known_name(&name, host, port);
	if (key && key->revoked_here && (entry = find_revoked(known, key, &name)) != NULL) {
		verdict = HOSTKEY_REVOKED;
	} else if ((entry = find_same(known, key, &search, &name)) != NULL) {
		verdict = HOSTKEY_KNOWN;
	} else {
		known_each(known, &name, true, search_entry, &search);
		entry = search.changed ? search.changed : search.other;
		verdict = search.changed ? HOSTKEY_CHANGED
			  : search.other ? HOSTKEY_OTHER
					 : HOSTKEY_UNKNOWN;
	}
	if (entry)
		fill_where(where, entry);
	buf_finish(&name);
	return verdict;
}

enum hostkey_verdict knownhosts_check(struct knownhosts *known, const char *host, long port,
				      const void *blob, size_t size, struct hostkey_where *where)
{
	enum hostkey_verdict verdict = check_name(known, host, port, blob, size, where);

	/* As ssh does: a key known for the bare name will do for another port of it. */
	if (verdict == HOSTKEY_UNKNOWN && port != 22 &&
	    check_name(known, host, 22, blob, size, where) == HOSTKEY_KNOWN)
		return HOSTKEY_KNOWN;
	return verdict;
}

bool knownhosts_authority(struct knownhosts *known, const char *host, long port)
{
	struct buf name = BUF_INIT;
	bool found = false;

	known_name(&name, host, port);
	for (const struct entry *entry = known->authorities; entry && !found; entry = entry->next_all)
		found = glob_list_match(entry->patterns, name.at) ||
			known_hash_is(entry->patterns, strlen(entry->patterns), &name);
	buf_finish(&name);
	return found;
}

static void add_type(void *ctx, const struct entry *entry)
{
	struct buf *types = ctx;
	struct blob blob = blob_of(entry->key->blob, entry->key->size), type = blob_string(&blob);

	if (type.bad)
		return;
	if (types->len > 0)
		buf_char(types, ',');
	buf_add(types, type.at, type.left);
}

void knownhosts_types(struct knownhosts *known, const char *host, long port, bool hashed,
		      struct buf *types)
{
	struct buf name = BUF_INIT;

	known_name(&name, host, port);
	known_each(known, &name, hashed, add_type, types);
	buf_finish(&name);
}

struct telling {
	knownhosts_fn *fn;
	void *ctx;
};

static void tell_entry(void *ctx, const struct entry *entry)
{
	struct telling *telling = ctx;
	struct hostkey_where where;

	fill_where(&where, entry);
	telling->fn(telling->ctx, &where, entry->key->blob, entry->key->size);
}

void knownhosts_each(struct knownhosts *known, const char *host, long port, knownhosts_fn *fn,
		     void *ctx)
{
	struct telling telling = {fn, ctx};
	struct buf name = BUF_INIT;

	known_name(&name, host, port);
	known_each(known, &name, true, tell_entry, &telling);
	buf_finish(&name);
}

int knownhosts_add(struct knownhosts *known, const char *host, long port, const void *blob,
		   size_t size, struct err *err)
{
	struct buf line = BUF_INIT, name = BUF_INIT;
	int rc;

	knownhosts_line(&line, host, port, blob, size);
	known_name(&name, host, port);
	rc = line.len > 0 ? knownhosts_append(known->own, line.at, err)
			  : err_set(err, STATUS_UNREACHABLE, "malformed host key");
	if (!rc)
		known_add_name(known, name.at, name.len, known_key(known, blob, size), known->own, 0);
	buf_finish(&name);
	buf_finish(&line);
	return rc;
}
