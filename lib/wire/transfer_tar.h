/*
 * Headers of a tar stream in GNU's form, which GNU tar, busybox and libarchive all read and which
 * carries names as plain bytes: 'L' and 'K' for long names, base-256 for large numbers, 'S' for
 * sparse files.
 */
#ifndef MROOM_WIRE_TRANSFER_TAR_H
#define MROOM_WIRE_TRANSFER_TAR_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/wire/transfer_tree.h"

#define TAR_BLOCK 512

struct tar_head {
	const char *name;
	const char *target; /* of a symbolic link */
	char type;	    /* '0' file, '5' directory, '2' symbolic link */
	unsigned mode;
	int64_t uid, gid, size, mtime;
	const struct tree_extent *extents; /* a sparse file of `size` bytes; NULL: not sparse */
	size_t extent_count;
};

/* Appends the header, with those that must come before it. What follows is the file's bytes (of a
 * sparse file those of its extents), padded to TAR_BLOCK. */
void tar_head(struct buf *to, const struct tar_head *head);
/* Appends the two blocks that end the stream. */
void tar_end(struct buf *to);
/* Bytes of zero that follow `size` bytes of contents. */
size_t tar_padding(int64_t size);

#endif
