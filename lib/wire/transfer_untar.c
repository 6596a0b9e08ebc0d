#include "lib/wire/transfer_untar.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_tar.h"

#define SPECIAL_MAX ((int64_t)1024 * 1024) /* a long name, a pax header */
#define EXTENTS_MAX 1000000

enum place { AT_HEAD, AT_EXTENTS, AT_SPECIAL, AT_DATA, AT_PADDING };

struct untar {
	const struct untar_events *events;
	void *ctx;
	enum place place;
	char block[TAR_BLOCK];
	size_t have;		 /* bytes of block */
	char special;		 /* 'L', 'K', 'x', 'g' */
	struct buf text;	 /* of a special entry */
	struct buf name, target; /* for the next entry, when they came before it */
	int64_t pax_size, pax_mtime;
	bool has_pax_size, has_pax_mtime;
	int64_t left; /* bytes of contents still to come */
	size_t padding;
	struct untar_entry entry;
	struct tree_extent *extents;
	size_t extent_count, extent;
	int64_t at; /* within the file */
	bool begun;
};

struct untar *untar_create(const struct untar_events *events, void *ctx)
{
	struct untar *untar = mem_zero(1, sizeof(*untar));

	untar->events = events;
	untar->ctx = ctx;
	buf_init(&untar->text);
	buf_init(&untar->name);
	buf_init(&untar->target);
	return untar;
}

void untar_destroy(struct untar *untar)
{
	if (!untar)
		return;
	buf_finish(&untar->text);
	buf_finish(&untar->name);
	buf_finish(&untar->target);
	free(untar->extents);
	free(untar);
}

bool untar_complete(const struct untar *untar)
{
	return untar->place == AT_HEAD && untar->have == 0;
}

static int broken(struct err *err)
{
	return err_set(err, STATUS_FAILED, "the server's tar stream makes no sense");
}

/* A number field, octal or base-256; -1 for what is neither. */
static int64_t number(const char *at, size_t width)
{
	int64_t value = 0;
	size_t i = 0;

	if ((unsigned char)at[0] == 0x80) {
		for (i = 1; i < width; i++) {
			if (value > INT64_MAX >> 8)
				return -1;
			value = value << 8 | (unsigned char)at[i];
		}
		return value;
	}
	while (i < width && at[i] == ' ')
		i++;
	for (; i < width && at[i] >= '0' && at[i] <= '7'; i++) {
		if (value > INT64_MAX >> 3)
			return -1;
		value = value << 3 | (at[i] - '0');
	}
	return i < width && at[i] != ' ' && at[i] != '\0' ? -1 : value;
}

static bool sum_is_right(const char *block)
{
	int64_t sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)block[i];
	return sum == number(block + 148, 8);
}

static bool is_zero(const char *block)
{
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (block[i])
			return false;
	return true;
}

/* Sparse map entries of a header or a block behind it: false when they make no sense. */
static bool add_extents(struct untar *untar, const char *at, size_t count)
{
	for (size_t i = 0; i < count; i++, at += 24) {
		int64_t from = number(at, 12), size = number(at + 12, 12);
		const struct tree_extent *last =
		    untar->extent_count > 0 ? &untar->extents[untar->extent_count - 1] : NULL;

		if (at[0] == '\0')
			return true;
		if (from < 0 || size < 0 || from > untar->entry.size ||
		    size > untar->entry.size - from || untar->extent_count == EXTENTS_MAX ||
		    (last && from < last->at + last->size))
			return false;
		untar->extents =
		    mem_resize(untar->extents, untar->extent_count + 1, sizeof(*untar->extents));
		untar->extents[untar->extent_count++] = (struct tree_extent){from, size};
	}
	return true;
}

static void skip_empty_extents(struct untar *untar)
{
	while (untar->extent < untar->extent_count && untar->extents[untar->extent].size == 0)
		untar->extent++;
	if (untar->extent < untar->extent_count)
		untar->at = untar->extents[untar->extent].at;
}

static int entry_end(struct untar *untar, struct err *err)
{
	untar->begun = false;
	buf_clear(&untar->name);
	buf_clear(&untar->target);
	return untar->events->end(untar->ctx, err);
}

static int entry_begin(struct untar *untar, struct err *err)
{
	int64_t sum = 0;

	for (size_t i = 0; i < untar->extent_count; i++)
		sum += untar->extents[i].size;
	if (untar->extent_count > 0 && sum != untar->left)
		return broken(err);
	untar->at = 0;
	untar->extent = 0;
	skip_empty_extents(untar);
	untar->begun = true;
	untar->place = untar->left > 0 ? AT_DATA : AT_HEAD;
	if (untar->events->begin(untar->ctx, &untar->entry, err))
		return -1;
	return untar->left > 0 ? 0 : entry_end(untar, err);
}

/* The name in a header: prefix and name of ustar, or name alone. */
static void head_name(struct untar *untar)
{
	const char *block = untar->block;

	if (untar->name.len > 0)
		return;
	if (!memcmp(block + 257, "ustar", 6) && block[345]) {
		buf_add(&untar->name, block + 345, strnlen(block + 345, 155));
		buf_char(&untar->name, '/');
	}
	buf_add(&untar->name, block, strnlen(block, 100));
}

static int read_head(struct untar *untar, struct err *err)
{
	const char *block = untar->block;
	char type = block[156];
	int64_t size = number(block + 124, 12);

	if (is_zero(block))
		return 0;
	if (!sum_is_right(block) || size < 0)
		return broken(err);
	untar->left = size;
	if (strchr("LKxg", type) && type) {
		if (size > SPECIAL_MAX)
			return broken(err);
		untar->special = type;
		buf_clear(&untar->text);
		untar->padding = tar_padding(size);
		untar->place = size > 0 ? AT_SPECIAL : AT_HEAD;
		return 0;
	}
	if (untar->has_pax_size && untar->pax_size >= 0)
		untar->left = size = untar->pax_size;
	head_name(untar);
	if (untar->target.len == 0)
		buf_add(&untar->target, block + 157, strnlen(block + 157, 100));
	untar->entry = (struct untar_entry){
	    .name = untar->name.at,
	    .target = untar->target.at,
	    .type = type == '\0' || type == '7' || type == 'S' ? '0' : type,
	    .mode = (unsigned)number(block + 100, 8) & 07777,
	    .size = type == 'S' ? number(block + 483, 12) : size,
	    .mtime = untar->has_pax_mtime ? untar->pax_mtime : number(block + 136, 12),
	};
	untar->has_pax_size = untar->has_pax_mtime = false;
	if (untar->entry.type != '0')
		untar->left = 0;
	untar->padding = tar_padding(untar->left);
	untar->extent_count = 0;
	if (type == 'S') {
		if (untar->entry.size < 0 || !add_extents(untar, block + 386, 4))
			return broken(err);
		if (block[482]) {
			untar->place = AT_EXTENTS;
			return 0;
		}
	}
	return entry_begin(untar, err);
}

/* "27 path=some/name\n", one after the other. */
static void read_pax(struct untar *untar)
{
	const char *at = untar->text.at, *all = at + untar->text.len;

	while (at < all) {
		char *key;
		long size = strtol(at, &key, 10);
		const char *end = size > 0 && size <= all - at ? at + size : NULL, *value;

		/* The last byte is a newline: it belongs to no value. */
		if (!end || key >= end || *key != ' ' ||
		    !(value = memchr(key, '=', (size_t)(end - 1 - key))))
			return;
		key++;
		value++;
		if (!strncmp(key, "path=", 5)) {
			buf_clear(&untar->name);
			buf_add(&untar->name, value, (size_t)(end - 1 - value));
		} else if (!strncmp(key, "linkpath=", 9)) {
			buf_clear(&untar->target);
			buf_add(&untar->target, value, (size_t)(end - 1 - value));
		} else if (!strncmp(key, "size=", 5)) {
			untar->pax_size = strtoll(value, NULL, 10);
			untar->has_pax_size = true;
		} else if (!strncmp(key, "mtime=", 6)) {
			untar->pax_mtime = strtoll(value, NULL, 10);
			untar->has_pax_mtime = true;
		}
		at = end;
	}
}

static void special_end(struct untar *untar)
{
	struct buf *to = untar->special == 'L' ? &untar->name : &untar->target;

	if (untar->special == 'x') {
		read_pax(untar);
	} else if (untar->special != 'g') {
		buf_clear(to);
		buf_add(to, untar->text.at, strnlen(untar->text.at, untar->text.len));
	}
}

/* Takes contents: how many bytes of them, or -1. */
static long take_data(struct untar *untar, const char *bytes, size_t count, struct err *err)
{
	const struct tree_extent *extent =
	    untar->extent_count ? &untar->extents[untar->extent] : NULL;

	if ((int64_t)count > untar->left)
		count = (size_t)untar->left;
	if (extent && (int64_t)count > extent->at + extent->size - untar->at)
		count = (size_t)(extent->at + extent->size - untar->at);
	if (untar->events->data(untar->ctx, untar->at, bytes, count, err))
		return -1;
	untar->at += (int64_t)count;
	untar->left -= (int64_t)count;
	if (extent && untar->at == extent->at + extent->size) {
		untar->extent++;
		skip_empty_extents(untar);
	}
	if (untar->left == 0) {
		untar->place = untar->padding > 0 ? AT_PADDING : AT_HEAD;
		if (entry_end(untar, err))
			return -1;
	}
	return (long)count;
}

/* A whole block is there. */
static int take_block(struct untar *untar, struct err *err)
{
	if (untar->place == AT_HEAD)
		return read_head(untar, err);
	if (!add_extents(untar, untar->block, 21))
		return broken(err);
	return untar->block[504] ? 0 : entry_begin(untar, err);
}

static long take(struct untar *untar, const char *bytes, size_t count, struct err *err)
{
	size_t use = count;

	switch (untar->place) {
	case AT_DATA:
		return take_data(untar, bytes, count, err);
	case AT_SPECIAL:
		use = (int64_t)count < untar->left ? count : (size_t)untar->left;
		buf_add(&untar->text, bytes, use);
		untar->left -= (int64_t)use;
		if (untar->left == 0) {
			special_end(untar);
			untar->place = untar->padding > 0 ? AT_PADDING : AT_HEAD;
		}
		return (long)use;
	case AT_PADDING:
		use = count < untar->padding ? count : untar->padding;
		untar->padding -= use;
		if (untar->padding == 0)
			untar->place = AT_HEAD;
		return (long)use;
	default:
		if (use > TAR_BLOCK - untar->have)
			use = TAR_BLOCK - untar->have;
		memcpy(untar->block + untar->have, bytes, use);
		untar->have += use;
		if (untar->have == TAR_BLOCK) {
			untar->have = 0;
			if (take_block(untar, err))
				return -1;
		}
		return (long)use;
	}
}

int untar_feed(struct untar *untar, const char *bytes, size_t count, struct err *err)
{
	while (count > 0) {
		long used = take(untar, bytes, count, err);

		if (used < 0)
			return -1;
		bytes += used;
		count -= (size_t)used;
	}
	return 0;
}
