#include "lib/base/list.h"

#include <stdint.h>

enum { NEAREST_LONGEST = 64 }; /* longer words are no misspelt names */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits that turn a into b: insert, delete, replace, swap neighbours (optimal string alignment). */
static size_t edit_distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	size_t rows[3][NEAREST_LONGEST + 1];
	size_t *before = rows[0];
	size_t *above = rows[1];
	size_t *row = rows[2];

	for (size_t j = 0; j <= b_size; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
				       above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b_size];
}

const char *list_nearest(const char *word, const char *const *candidates, size_t count)
{
	const char *nearest = NULL;
	size_t size = strlen(word);
	size_t limit = (size + 2) / 3; /* a third of the letters may be wrong */
	size_t best = SIZE_MAX;

	if (!size || size > NEAREST_LONGEST)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t other = strlen(candidates[i]);
		size_t distance;

		if (other > NEAREST_LONGEST)
			continue;
		distance = edit_distance(word, size, candidates[i], other);
		if (size >= 2 && distance > 1 && !strncmp(word, candidates[i], size))
			distance = 1; /* the beginning of a name is as good as one wrong letter */
		if (distance <= limit && distance < best && distance < other) {
			best = distance;
			nearest = candidates[i];
		}
	}
	return nearest;
}
