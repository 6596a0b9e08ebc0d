#include "lib/wire/transfer_tar.h"

#include <stdio.h>
#include <string.h>

/* Places within a header block (GNU tar's tar.h). */
enum {
	NAME = 0,
	MODE = 100,
	UID = 108,
	GID = 116,
	SIZE = 124,
	MTIME = 136,
	SUM = 148,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	SPARSE = 386,
	MORE = 482,
	REAL_SIZE = 483
};

#define NAME_MOST 100
#define EXTENT_SIZE 24
#define EXTENTS_IN_HEAD 4
#define EXTENTS_IN_BLOCK 21
#define MORE_IN_BLOCK 504

/* Octal where it fits (with a NUL at the end), else base-256. */
static void put_number(char *at, size_t width, int64_t value)
{
	uint64_t rest = (uint64_t)value;
	int bits = (int)(width - 1) * 3;

	if (value >= 0 && (bits > 62 || value < (int64_t)1 << bits)) {
		for (size_t i = width - 1; i-- > 0; rest >>= 3)
			at[i] = (char)('0' + (rest & 7));
		at[width - 1] = '\0';
		return;
	}
	for (size_t i = width; i-- > 1; rest = (uint64_t)((int64_t)rest >> 8))
		at[i] = (char)(rest & 0xff);
	at[0] = (char)(value < 0 ? 0xff : 0x80);
}

static void put_sum(char *block)
{
	unsigned sum = 0;

	memset(block + SUM, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + SUM, 8, "%06o", sum);
}

/* A name that does not fit its field travels as the contents of an entry of its own. */
static void put_long(struct buf *to, char type, const char *text)
{
	char block[TAR_BLOCK] = "././@LongLink";
	size_t size = strlen(text) + 1;

	put_number(block + MODE, 8, 0644);
	put_number(block + UID, 8, 0);
	put_number(block + GID, 8, 0);
	put_number(block + SIZE, 12, (int64_t)size);
	put_number(block + MTIME, 12, 0);
	block[TYPE] = type;
	memcpy(block + MAGIC, "ustar  ", 8);
	put_sum(block);
	buf_add(to, block, TAR_BLOCK);
	buf_add(to, text, size);
	memset(block, 0, TAR_BLOCK);
	buf_add(to, block, tar_padding((int64_t)size));
}

static void put_extents(char *at, const struct tree_extent *extents, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		put_number(at + i * EXTENT_SIZE, 12, extents[i].at);
		put_number(at + i * EXTENT_SIZE + 12, 12, extents[i].size);
	}
}

/* The extents that have no room in the header follow in blocks of their own. */
static void put_more_extents(struct buf *to, const struct tar_head *head)
{
	size_t done = EXTENTS_IN_HEAD;

	while (done < head->extent_count) {
		char block[TAR_BLOCK] = "";
		size_t left = head->extent_count - done;
		size_t count = left < EXTENTS_IN_BLOCK ? left : EXTENTS_IN_BLOCK;

		put_extents(block, head->extents + done, count);
		block[MORE_IN_BLOCK] = count < left;
		buf_add(to, block, TAR_BLOCK);
		done += count;
	}
}

void tar_head(struct buf *to, const struct tar_head *head)
{
	char block[TAR_BLOCK] = "";
	size_t name = strlen(head->name), target = head->target ? strlen(head->target) : 0;
	int64_t size = head->extents ? 0 : head->size;

	if (target > NAME_MOST)
		put_long(to, 'K', head->target);
	if (name > NAME_MOST)
		put_long(to, 'L', head->name);
	memcpy(block + NAME, head->name, name < NAME_MOST ? name : NAME_MOST);
	if (target > 0)
		memcpy(block + LINK, head->target, target < NAME_MOST ? target : NAME_MOST);
	for (size_t i = 0; head->extents && i < head->extent_count; i++)
		size += head->extents[i].size;
	put_number(block + MODE, 8, head->mode);
	put_number(block + UID, 8, head->uid);
	put_number(block + GID, 8, head->gid);
	put_number(block + SIZE, 12, size);
	put_number(block + MTIME, 12, head->mtime);
	block[TYPE] = head->extents ? 'S' : head->type;
	memcpy(block + MAGIC, "ustar  ", 8);
	if (head->extents) {
		size_t count = head->extent_count;

		put_extents(block + SPARSE, head->extents,
			    count < EXTENTS_IN_HEAD ? count : EXTENTS_IN_HEAD);
		block[MORE] = count > EXTENTS_IN_HEAD;
		put_number(block + REAL_SIZE, 12, head->size);
	}
	put_sum(block);
	buf_add(to, block, TAR_BLOCK);
	if (head->extents)
		put_more_extents(to, head);
}

void tar_end(struct buf *to)
{
	static const char zeros[2 * TAR_BLOCK];

	buf_add(to, zeros, sizeof(zeros));
}

size_t tar_padding(int64_t size)
{
	return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}
