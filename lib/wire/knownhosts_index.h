/*
 * The inside of knownhosts.h, shared by what reads the files and what asks the index.
 */
#ifndef MROOM_WIRE_KNOWNHOSTS_INDEX_H
#define MROOM_WIRE_KNOWNHOSTS_INDEX_H

#include "lib/base/list.h"
#include "lib/base/map.h"
#include "lib/wire/knownhosts.h"

#define HASH_SIZE 20

/* One line of a file. It hangs in the chain of its first finder: a plain name, or its key when hashed. */
struct entry {
	struct entry *next;	 /* in the same chain */
	struct entry *next_all;	 /* all hashed, or all patterns */
	char *patterns;		 /* only for lines with * ? or ! */
	unsigned char salt[HASH_SIZE], hash[HASH_SIZE];
	const char *file;
	long line;
	struct key *key;
};

/* A key is shared by the entries that name it. */
struct key {
	unsigned char *blob;
	size_t size;
	struct entry *hashed, **hashed_end; /* hashed lines with this key whose name is not known yet */
	bool revoked_here;    /* some @revoked line names it */
};

struct knownhosts {
	char *own;
	struct list files;
	struct map *names;    /* "host" or "[host]:port" -> chain of entries */
	struct map *keys;     /* blob -> struct key */
	struct entry *hashed; /* all hashed lines */
	struct entry *patterned;
	struct entry *revoked;
	struct entry *authorities; /* @cert-authority */
	size_t entry_count, entry_cap;
	struct entry **entries;
};

/* The shared key of that blob; known_key makes it when it is new. */
struct key *known_key_find(struct knownhosts *known, const void *blob, size_t size);
struct key *known_key(struct knownhosts *known, const void *blob, size_t size);
/* Indexes a plain name. `file` must outlive the index. */
void known_add_name(struct knownhosts *known, const char *name, size_t size, struct key *key,
		    const char *file, long line);
/* The name a host goes by in known_hosts: bare at port 22, else [host]:port; lower case. */
void known_name(struct buf *name, const char *host, long port);
/* Calls for every line that knows the name; with `hashed` a full walk over hashed lines, so only when it must. */
typedef void known_entry_fn(void *ctx, const struct entry *entry);
void known_each(struct knownhosts *known, const struct buf *name, bool hashed, known_entry_fn *fn,
		void *ctx);
/* Whether "|1|salt|hash" (size bytes) stands for the name. */
bool known_hash_is(const char *text, size_t size, const struct buf *name);

/* Reads a whole known_hosts file into the index; a missing one is empty. */
int known_read_file(struct knownhosts *known, const char *path, struct err *err);

#endif
