/* Reading known_hosts files into the index. */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/blob.h"
#include "lib/wire/knownhosts_index.h"

#define KNOWNHOSTS_MAX (256 * 1024 * 1024)

struct key *known_key_find(struct knownhosts *known, const void *blob, size_t size)
{
	return map_get_n(known->keys, blob, size);
}

struct key *known_key(struct knownhosts *known, const void *blob, size_t size)
{
	struct key *key = known_key_find(known, blob, size);

	if (!key) {
		key = mem_zero(1, sizeof(*key));
		key->blob = mem_copy(blob, size);
		key->size = size;
		key->hashed_end = &key->hashed;
		map_set_n(known->keys, blob, size, key);
	}
	return key;
}

static struct entry *entry_new(struct knownhosts *known, struct key *key, const char *file,
			       long line)
{
	struct entry *entry = mem_zero(1, sizeof(*entry));

	if (known->entry_count == known->entry_cap) {
		known->entry_cap = known->entry_cap ? known->entry_cap * 2 : 64;
		known->entries =
		    mem_resize(known->entries, known->entry_cap, sizeof(*known->entries));
	}
	known->entries[known->entry_count++] = entry;
	entry->key = key;
	entry->file = file;
	entry->line = line;
	return entry;
}

void known_add_name(struct knownhosts *known, const char *name, size_t size, struct key *key,
		     const char *file, long line)
{
	struct entry *entry = entry_new(known, key, file, line);
	char lower[1024];

	if (size >= sizeof(lower))
		return;
	for (size_t i = 0; i < size; i++)
		lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	entry->next = map_get_n(known->names, lower, size);
	map_set_n(known->names, lower, size, entry);
}

static bool unbase64(const char *text, size_t count, unsigned char *into, size_t cap, size_t *size)
{
	return sodium_base642bin(into, cap, text, count, NULL, size, NULL,
				 sodium_base64_VARIANT_ORIGINAL) == 0;
}

/* "|1|salt|hash" */
static bool split_hash(const char *name, size_t size, unsigned char salt[HASH_SIZE],
		       unsigned char hash[HASH_SIZE])
{
	const char *bar = size > 3 && !strncmp(name, "|1|", 3) ? memchr(name + 3, '|', size - 3) : NULL;
	size_t salt_size, hash_size;

	return bar && unbase64(name + 3, (size_t)(bar - name - 3), salt, HASH_SIZE, &salt_size) &&
	       unbase64(bar + 1, size - (size_t)(bar + 1 - name), hash, HASH_SIZE, &hash_size) &&
	       salt_size == HASH_SIZE && hash_size == HASH_SIZE;
}

bool known_hash_is(const char *text, size_t size, const struct buf *name)
{
	unsigned char salt[HASH_SIZE], hash[HASH_SIZE], got[EVP_MAX_MD_SIZE];
	unsigned count = 0;

	if (!split_hash(text, size, salt, hash))
		return false;
	HMAC(EVP_sha1(), salt, HASH_SIZE, (const unsigned char *)name->at, name->len, got, &count);
	return count == HASH_SIZE && !memcmp(got, hash, HASH_SIZE);
}

static void add_hashed(struct knownhosts *known, const char *name, size_t size, struct key *key,
		       const char *file, long line)
{
	unsigned char salt[HASH_SIZE], hash[HASH_SIZE];
	struct entry *entry;

	if (!split_hash(name, size, salt, hash))
		return;
	entry = entry_new(known, key, file, line);
	memcpy(entry->salt, salt, HASH_SIZE);
	memcpy(entry->hash, hash, HASH_SIZE);
	*key->hashed_end = entry;
	key->hashed_end = &entry->next;
	entry->next_all = known->hashed;
	known->hashed = entry;
}

/* A line that is looked at with others of its kind, by its patterns. */
static void add_patterns(struct knownhosts *known, const char *hosts, size_t size,
			 struct entry **kind, struct key *key, const char *file, long line)
{
	struct entry *entry = entry_new(known, key, file, line);

	entry->patterns = mem_text_n(hosts, size);
	for (char *at = entry->patterns; *hosts != '|' && *at; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at + 32);
	}
	entry->next_all = *kind;
	*kind = entry;
}

static void add_hosts(struct knownhosts *known, const char *hosts, size_t size, struct key *key,
		      const char *file, long line)
{
	if (size > 3 && !strncmp(hosts, "|1|", 3)) {
		add_hashed(known, hosts, size, key, file, line);
		return;
	}
	if (memchr(hosts, '*', size) || memchr(hosts, '?', size) || memchr(hosts, '!', size)) {
		add_patterns(known, hosts, size, &known->patterned, key, file, line);
		return;
	}
	while (size > 0) {
		const char *comma = memchr(hosts, ',', size);
		size_t count = comma ? (size_t)(comma - hosts) : size;

		if (count > 0)
			known_add_name(known, hosts, count, key, file, line);
		hosts += comma ? count + 1 : count;
		size -= comma ? count + 1 : count;
	}
}

/* The next run of non-blanks; its length in *size, 0 at the end of the line. */
static const char *next_word(const char **at, const char *end, size_t *size)
{
	const char *word;

	while (*at < end && (**at == ' ' || **at == '\t'))
		(*at)++;
	word = *at;
	while (*at < end && **at != ' ' && **at != '\t' && **at != '\r')
		(*at)++;
	*size = (size_t)(*at - word);
	return word;
}

static void add_line(struct knownhosts *known, const char *at, const char *end, const char *file,
		     long line, struct buf *scratch)
{
	size_t hosts_size, type_size, key_size, size;
	const char *hosts = next_word(&at, end, &hosts_size), *type, *key64;
	struct entry **kind = NULL;

	if (hosts_size == 0 || *hosts == '#')
		return;
	if (*hosts == '@') {
		if (hosts_size == 8 && !memcmp(hosts, "@revoked", 8))
			kind = &known->revoked;
		else if (hosts_size == 15 && !memcmp(hosts, "@cert-authority", 15))
			kind = &known->authorities;
		else
			return;
		hosts = next_word(&at, end, &hosts_size);
	}
	type = next_word(&at, end, &type_size);
	key64 = next_word(&at, end, &key_size);
	if (hosts_size == 0 || type_size == 0 || key_size == 0)
		return;
	buf_clear(scratch);
	buf_reserve(scratch, key_size);
	if (!unbase64(key64, key_size, (unsigned char *)scratch->at, key_size, &size))
		return;
	struct blob blob = blob_of(scratch->at, size), named = blob_string(&blob);
	if (named.bad || named.left != type_size || memcmp(named.at, type, type_size) != 0)
		return;
	struct key *key = known_key(known, scratch->at, size);
	if (!kind) {
		add_hosts(known, hosts, hosts_size, key, file, line);
		return;
	}
	key->revoked_here |= kind == &known->revoked;
	add_patterns(known, hosts, hosts_size, kind, key, file, line);
}

int known_read_file(struct knownhosts *known, const char *path, struct err *err)
{
	struct buf text = BUF_INIT, scratch = BUF_INIT;
	const char *file, *at, *end;
	long line = 0;

	if (access(path, F_OK) && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (io_read_file(path, KNOWNHOSTS_MAX, &text, err))
		return -1;
	list_add(&known->files, path);
	file = known->files.at[known->files.count - 1];
	at = text.at;
	end = text.at + text.len;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		add_line(known, at, stop, file, ++line, &scratch);
		at = newline ? newline + 1 : end;
	}
	buf_finish(&scratch);
	buf_finish(&text);
	return 0;
}
