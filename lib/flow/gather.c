#include "lib/flow/gather.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"

#define PIECE ((size_t)64 * 1024)

/* From this many bytes in memory on, outputs go to the file. */
#define MEMORY_MAX ((size_t)64 << 20)

struct gather {
	struct map *by_hash; /* of the bytes -> struct gather_group */
	struct gather_group **groups;
	size_t count, cap;
	size_t memory;
	int spool;
	size_t spooled;
};

struct gather *gather_create(void)
{
	struct gather *gather = mem_zero(1, sizeof(*gather));

	gather->by_hash = map_create();
	gather->spool = -1;
	return gather;
}

void gather_destroy(struct gather *gather)
{
	if (!gather)
		return;
	for (size_t i = 0; i < gather->count; i++) {
		list_finish(&gather->groups[i]->ids);
		pile_finish(&gather->groups[i]->pile);
		free(gather->groups[i]);
	}
	free(gather->groups);
	map_destroy(gather->by_hash);
	if (gather->spool >= 0)
		close(gather->spool);
	free(gather);
}

/* Calls `take` for every piece of the pile. */
static int each_piece(const struct pile *pile, int (*take)(void *ctx, const char *, size_t),
		      void *ctx, struct err *err)
{
	char *piece = mem_alloc(PIECE);
	size_t at = 0;
	ssize_t got;
	int result = 0;

	while (!result && (got = pile_read(pile, at, piece, PIECE, err)) != 0) {
		result = got < 0 ? -1 : take(ctx, piece, (size_t)got);
		at += got > 0 ? (size_t)got : 0;
	}
	free(piece);
	return result;
}

static int hash_piece(void *ctx, const char *bytes, size_t count)
{
	return crypto_generichash_update(ctx, (const unsigned char *)bytes, count);
}

struct filing {
	struct gather *gather;
	struct err *err;
};

static int file_piece(void *ctx, const char *bytes, size_t count)
{
	struct filing *filing = ctx;

	return io_write_all(filing->gather->spool, bytes, count, filing->err);
}

/* Moves a long output, or all that comes once memory is full, to the common file. */
static int file_away(struct gather *gather, struct gather_group *group, struct err *err)
{
	struct filing filing = {gather, err};

	if (group->pile.fd < 0 && gather->memory + group->size <= MEMORY_MAX) {
		gather->memory += group->size;
		return 0;
	}
	if (gather->spool < 0)
		gather->spool = io_spool("output", err);
	if (gather->spool < 0 || each_piece(&group->pile, file_piece, &filing, err))
		return -1;
	group->at = gather->spooled;
	group->filed = true;
	gather->spooled += group->size;
	pile_finish(&group->pile);
	return 0;
}

static struct gather_group *group_new(struct gather *gather, struct pile *pile)
{
	struct gather_group *group = mem_zero(1, sizeof(*group));

	group->size = pile_size(pile);
	group->pile = *pile;
	pile_init(pile);
	if (gather->count == gather->cap) {
		gather->cap = gather->cap ? gather->cap * 2 : 16;
		gather->groups =
		    mem_resize(gather->groups, gather->cap, sizeof(struct gather_group *));
	}
	gather->groups[gather->count++] = group;
	return group;
}

int gather_add(struct gather *gather, const char *id, struct pile *pile, struct err *err)
{
	unsigned char hash[crypto_generichash_BYTES];
	crypto_generichash_state state;
	struct gather_group *group;
	int result = 0;

	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	if (each_piece(pile, hash_piece, &state, err))
		return -1;
	crypto_generichash_final(&state, hash, sizeof(hash));
	group = map_get_n(gather->by_hash, hash, sizeof(hash));
	if (!group) {
		group = group_new(gather, pile);
		map_set_n(gather->by_hash, hash, sizeof(hash), group);
		result = file_away(gather, group, err);
	}
	list_add(&group->ids, id);
	pile_finish(pile);
	return result;
}

static int compare(const void *a, const void *b)
{
	const struct gather_group *first = *(struct gather_group *const *)a;
	const struct gather_group *second = *(struct gather_group *const *)b;

	if (first->ids.count != second->ids.count)
		return first->ids.count > second->ids.count ? -1 : 1;
	return natural_compare(first->ids.at[0], second->ids.at[0]);
}

struct gather_group *const *gather_groups(struct gather *gather, size_t *count)
{
	for (size_t i = 0; i < gather->count; i++)
		list_sort(&gather->groups[i]->ids);
	if (gather->count > 0)
		qsort(gather->groups, gather->count, sizeof(struct gather_group *), compare);
	*count = gather->count;
	return gather->groups;
}

ssize_t gather_read(const struct gather *gather, const struct gather_group *group, size_t at,
		    void *into, size_t room, struct err *err)
{
	size_t left = group->size - at;
	ssize_t got;

	if (!group->filed)
		return pile_read(&group->pile, at, into, room, err);
	if (left == 0)
		return 0;
	got = pread(gather->spool, into, left < room ? left : room, (off_t)(group->at + at));
	if (got <= 0)
		return err_sys(err, STATUS_CONSOLE, got < 0 ? errno : EIO,
			       "output cannot be read back");
	return got;
}

int gather_text(const struct gather *gather, const struct gather_group *group, struct buf *to,
		struct err *err)
{
	ssize_t got = 1;

	buf_reserve(to, group->size);
	for (size_t at = 0; at < group->size; at += (size_t)got) {
		got = gather_read(gather, group, at, to->at + to->len, group->size - at, err);
		if (got < 0)
			return -1;
		to->len += (size_t)got;
	}
	to->at[to->len] = '\0';
	return 0;
}
