/* The inside of transfer_take.h: transfer_take.c (names), transfer_take_file.c (contents). */
#ifndef MROOM_WIRE_TRANSFER_TAKE_INSIDE_H
#define MROOM_WIRE_TRANSFER_TAKE_INSIDE_H

#include <stdbool.h>

#include "lib/base/list.h"
#include "lib/wire/transfer_take.h"

#define TAKE_TEMPORARY ".mroom-copy."
#define TAKE_PART TAKE_TEMPORARY "part." /* mark, ".", how many bytes are on the disk for sure */

/* A file under its temporary name, or a directory that waits for its mode. */
struct pending {
	char *name, *temporary; /* temporary NULL: a directory */
	int64_t safe;		/* of a part */
	bool whole;		/* nothing of it is to come */
	unsigned mode;
	int64_t mtime;
};

struct take {
	int root;
	char *dir;
	struct pending *files, *dirs;
	size_t file_count, file_cap, dir_count, dir_cap;
	int64_t came, bytes; /* all, and those of files that are not in place yet */
	unsigned serial;
	char nonce[17];
	int fd; /* the file being written; -1 */
	int64_t size;
	bool alone;	   /* nobody else writes here */
	struct list parts; /* what earlier ones left, by name */
};

/* Sets the error that errno tells: STATUS_CONSOLE where no other server would fare better, or
 * STATUS_FAILED: what a server sent cannot be put there. -1. */
int take_refused(const struct take *take, const char *name, struct err *err);
/* Puts the files that have arrived in place. */
int take_settle_files(struct take *take, struct err *err);
/* Another one in a list. */
struct pending *take_pending(struct pending **list, size_t *count, size_t *cap);

#endif
