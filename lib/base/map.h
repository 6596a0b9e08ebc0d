/*
 * A hash map from byte strings to pointers. Keys are copied and owned by the map, values are not.
 * The hash is seeded per process, so hostile keys cannot make it quadratic. Iteration order is that
 * of insertion; a removed entry leaves no gap that iteration shows.
 */
#ifndef MROOM_BASE_MAP_H
#define MROOM_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_create(void);
void map_destroy(struct map *map); /* NULL is allowed */
size_t map_count(const struct map *map);

/* Sets key to value. Returns the value that was there, or NULL. Values may not be NULL. */
void *map_set(struct map *map, const char *key, void *value);
void *map_set_n(struct map *map, const void *key, size_t size, void *value);
void *map_get(const struct map *map, const char *key); /* NULL when absent */
void *map_get_n(const struct map *map, const void *key, size_t size);
void *map_remove(struct map *map, const char *key); /* the value, or NULL */

/* Walks entries: start with *at = 0; false at the end. key points into the map. */
bool map_next(const struct map *map, size_t *at, const char **key, void **value);

/* A set is a map whose values do not matter: true when the key was not in it before. */
bool map_mark(struct map *map, const char *key);

#endif
