/*
 * What is left on a server of a large file whose copy was cut short: a part of it from its
 * beginning, as share/remote/copy-put.sh keeps it. The next copy of the same things to the same
 * place goes on behind it, once its sum has shown that it is what the file here begins with.
 */
#ifndef MROOM_WIRE_TRANSFER_PART_H
#define MROOM_WIRE_TRANSFER_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/wire/transfer_plan.h"

/* Of smaller files none is kept. */
#define PART_FILE_MIN ((int64_t)4 * 1024 * 1024)

#define PART_NAME_SIZE 48

/* Where nobody can tell a sum (SFTP), a part is known by what its file was and by how much of it is
 * on the disk for sure: after every so many bytes it is forced there, and renamed. */
#define PART_STEP ((int64_t)16 * 1024 * 1024)
#define PART_MARK_SIZE 17

/* The name of an entry's part below the directory that names count from. */
void part_name(char name[PART_NAME_SIZE], const char *key, const struct tree_entry *entry);
/* What the local file is: another one has another mark, and so has this one once it was changed. */
void part_mark(char mark[PART_MARK_SIZE], const struct tree_entry *entry);
/* Whether a part of it is worth to be kept. */
bool part_is_kept(const struct tree_entry *entry);
/* The part that the server has of an entry, NULL. */
const struct plan_part *part_find(const struct plan *plan, const char *key,
				  const struct tree_entry *entry);

#endif
