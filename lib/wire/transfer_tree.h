/*
 * What a copy is about: local files, directories and symbolic links, listed once before any server
 * is asked. Parents come before what is in them. Nothing is read but names and attributes; contents
 * are hashed only when somebody wants to compare.
 */
#ifndef MROOM_WIRE_TRANSFER_TREE_H
#define MROOM_WIRE_TRANSFER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/list.h"

#define TREE_HASH_SIZE 32 /* SHA-256 */

enum tree_type { TREE_FILE, TREE_DIR, TREE_LINK };

/* A run of bytes of a sparse file that is no hole. */
struct tree_extent {
	int64_t at, size;
};

struct tree_entry {
	char *path;   /* on this console */
	char *suffix; /* what follows the target's name on a server: "", "/x", or "x/y" */
	char *target; /* of a link */
	enum tree_type type;
	unsigned mode; /* permission bits, set-id and sticky too */
	int64_t size, mtime;
	long mtime_ns;
	int64_t ctime_ns; /* when it was last changed in any way */
	uint64_t dev, ino;
	struct tree_extent *extents; /* of a sparse file; NULL: it has no holes */
	size_t extent_count;
	bool hashed;
	unsigned char hash[TREE_HASH_SIZE];
};

struct tree {
	struct tree_entry *at;
	size_t count, cap;
	struct list passed_over; /* neither file, directory nor link */
};

#define TREE_INIT                     \
	{                             \
		NULL, 0, 0, LIST_INIT \
	}

/*
 * Adds `path` and all below it. `suffix` is that of path itself; with `inside` path must be a
 * directory, and only what is in it is added. Links are not followed, but path itself is, when
 * `follow`. Status 2 for what is not there or may not be read.
 */
int tree_add(struct tree *tree, const char *path, const char *suffix, bool inside, bool follow,
	     struct err *err);

/* Hashes the contents of a regular file. May run on another thread; -1 when the file cannot be read
 * or is not what it was when it was listed. */
int tree_hash(const struct tree_entry *entry, unsigned char hash[TREE_HASH_SIZE], struct err *err);

/* The same of its first `size` bytes. */
int tree_hash_part(const struct tree_entry *entry, int64_t size, unsigned char hash[TREE_HASH_SIZE],
		   struct err *err);

/* Opens the file an entry is about: -1 when it cannot be read or is another one by now. */
int tree_open(const struct tree_entry *entry, struct err *err);
/* What to say about a file that changed under way. Returns -1. */
int tree_changed(const struct tree_entry *entry, struct err *err);

/* Whether any of its files has. */
bool tree_has_holes(const struct tree *tree);

void tree_finish(struct tree *tree);

#endif
