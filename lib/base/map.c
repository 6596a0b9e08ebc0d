/*
 * Entries lie in one array in the order of insertion; an open-addressed table of positions finds
 * them. A removed entry keeps its place, without a key, until the next growth squeezes it out: the
 * table's slot that points to it keeps the probe chains whole.
 */
#include "lib/base/map.h"

#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"

struct entry {
	char *key; /* NULL: removed */
	size_t size;
	uint64_t hash;
	void *value;
};

/* Has enough of the hash to pass by other entries without looking at them. */
struct slot {
	uint32_t place; /* position + 1, 0: free */
	uint32_t mark;
};

struct map {
	struct hash_seed seed;
	struct entry *entries;
	size_t used;	 /* entries in the array, removed ones too */
	size_t count;	 /* entries that live */
	size_t cap;	 /* of entries: half the slots, so that probes stay short */
	struct slot *slots; /* 2 * cap of them, a power of two */
};

struct map *map_create(void)
{
	struct map *map = mem_zero(1, sizeof(*map));

	map->seed = hash_seed_draw();
	return map;
}

void map_destroy(struct map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->used; i++)
		free(map->entries[i].key);
	free(map->entries);
	free(map->slots);
	free(map);
}

size_t map_count(const struct map *map)
{
	return map->count;
}

/* The high half: the low one chooses the slot. */
static uint32_t hash_mark(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* The slot that holds the key, or the free one where it would go. Needs cap > 0. */
static size_t map_slot(const struct map *map, const void *key, size_t size, uint64_t hash)
{
	size_t mask = map->cap * 2 - 1;
	size_t slot = (size_t)hash & mask;

	for (; map->slots[slot].place; slot = (slot + 1) & mask) {
		const struct entry *entry;

		if (map->slots[slot].mark != hash_mark(hash))
			continue;
		entry = &map->entries[map->slots[slot].place - 1];
		if (entry->key && entry->hash == hash && entry->size == size &&
		    !memcmp(entry->key, key, size))
			break;
	}
	return slot;
}

static struct entry *map_find(const struct map *map, const void *key, size_t size)
{
	size_t slot;

	if (!map->count)
		return NULL;
	slot = map_slot(map, key, size, hash_bytes(&map->seed, key, size));
	return map->slots[slot].place ? &map->entries[map->slots[slot].place - 1] : NULL;
}

/* Makes room for one more: squeezes out what was removed; doubles if that frees less than half. */
static void map_grow(struct map *map)
{
	size_t mask;
	size_t kept = 0;

	if (map->used < map->cap)
		return;
	for (size_t i = 0; i < map->used; i++)
		if (map->entries[i].key)
			map->entries[kept++] = map->entries[i];
	map->used = kept;
	if (!map->cap)
		map->cap = 8;
	else if (kept > map->cap / 2)
		map->cap *= 2;
	map->entries = mem_resize(map->entries, map->cap, sizeof(*map->entries));
	free(map->slots);
	map->slots = mem_zero(map->cap * 2, sizeof(*map->slots));
	mask = map->cap * 2 - 1;
	for (size_t i = 0; i < kept; i++) {
		size_t slot = (size_t)map->entries[i].hash & mask;

		while (map->slots[slot].place)
			slot = (slot + 1) & mask;
		map->slots[slot] =
		    (struct slot){(uint32_t)(i + 1), hash_mark(map->entries[i].hash)};
	}
}

/* The entry of the key, made when absent: then its value is NULL. */
static struct entry *map_place(struct map *map, const void *key, size_t size)
{
	uint64_t hash = hash_bytes(&map->seed, key, size);
	struct entry *entry;
	size_t slot;

	map_grow(map);
	slot = map_slot(map, key, size, hash);
	if (map->slots[slot].place)
		return &map->entries[map->slots[slot].place - 1];
	entry = &map->entries[map->used++];
	*entry = (struct entry){mem_text_n(key, size), size, hash, NULL};
	map->slots[slot] = (struct slot){(uint32_t)map->used, hash_mark(hash)};
	map->count++;
	return entry;
}

void *map_set_n(struct map *map, const void *key, size_t size, void *value)
{
	struct entry *entry = map_place(map, key, size);
	void *old = entry->value;

	entry->value = value;
	return old;
}

void *map_set(struct map *map, const char *key, void *value)
{
	return map_set_n(map, key, strlen(key), value);
}

void *map_get_n(const struct map *map, const void *key, size_t size)
{
	const struct entry *entry = map_find(map, key, size);

	return entry ? entry->value : NULL;
}

void *map_get(const struct map *map, const char *key)
{
	return map_get_n(map, key, strlen(key));
}

void *map_remove(struct map *map, const char *key)
{
	struct entry *entry = map_find(map, key, strlen(key));

	if (!entry)
		return NULL;
	free(entry->key);
	entry->key = NULL;
	map->count--;
	return entry->value;
}

bool map_next(const struct map *map, size_t *at, const char **key, void **value)
{
	while (*at < map->used && !map->entries[*at].key)
		(*at)++;
	if (*at >= map->used)
		return false;
	if (key)
		*key = map->entries[*at].key;
	if (value)
		*value = map->entries[*at].value;
	(*at)++;
	return true;
}

bool map_mark(struct map *map, const char *key)
{
	return !map_set(map, key, map);
}
