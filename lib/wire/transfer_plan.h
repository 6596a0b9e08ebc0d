/*
 * What one server has of what is to be copied to it, and what follows from that. The server's
 * answer (share/remote/copy-look.sh) is read against the names that were asked about, in their
 * order, so that names may hold any byte and a hostile answer can at worst make everything travel.
 */
#ifndef MROOM_WIRE_TRANSFER_PLAN_H
#define MROOM_WIRE_TRANSFER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/wire/transfer_tree.h"

enum plan_what {
	PLAN_SAME,
	PLAN_CREATE,
	PLAN_CHANGE,	 /* other contents, another target */
	PLAN_ATTRIBUTES, /* the same contents; mode, time or owner differ */
	PLAN_REPLACE	 /* something of another kind stands there */
};

/* What stands at an entry's place on the server. */
struct plan_entry {
	enum plan_what what;
	bool there;
	bool hashed, same_target;
	bool resumed; /* its contents are there, under the name of its part */
	unsigned mode; /* with its type, as stat(2) has it */
	int64_t uid, gid, size, mtime;
	unsigned char hash[TREE_HASH_SIZE];
};

/* What an earlier copy left of a file (transfer_part.h). */
struct plan_part {
	char name[48]; /* below the directory that names count from */
	int64_t size;
	unsigned char hash[TREE_HASH_SIZE];
};

/* What the caller wants of the copies. */
struct plan_wish {
	bool quick;  /* equal size and time mean equal contents */
	bool delete; /* what the tree does not have goes */
	bool owner;  /* an owner was named; the server says which numbers that is */
	long mode;   /* of files; -1: as they are here */
};

struct plan {
	bool into;		      /* the target is a directory to go into */
	bool gnu_tar;		      /* it reads sparse files */
	int64_t uid, gid;	      /* who we are there */
	int64_t owner_uid, owner_gid; /* who is to own it; -1: as it is */
	struct plan_entry *at;	      /* one per tree entry */
	size_t count;
	struct list extra; /* names below the target that the tree does not have, topmost only */
	struct plan_part *parts;
	size_t part_count;
	size_t sends, attributes;
	int64_t bytes; /* of file contents to be sent */
};

/*
 * Reads the answer. `tops` are the beginnings of names when the target is (0) written as named, or
 * (1) gone into. -1: it is no answer of copy-look.sh.
 */
int plan_read(struct plan *plan, const struct tree *tree, const char *const tops[2],
	      const struct buf *answer, struct err *err);

/* Marks in `wanted` (one per entry) the local files whose hash would decide something. Returns
 * their number. */
size_t plan_wants_hashes(const struct plan *plan, const struct tree *tree,
			 const struct plan_wish *wish, bool *wanted);

/* Decides, once hashes are there. */
void plan_decide(struct plan *plan, const struct tree *tree, const struct plan_wish *wish);

/* Whether anything is to be done on the server. */
bool plan_is_empty(const struct plan *plan);

/* The permission bits that an entry is to have there. */
unsigned plan_mode(const struct tree_entry *entry, const struct plan_wish *wish);

void plan_finish(struct plan *plan);

#endif
