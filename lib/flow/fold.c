/*
 * Folding goes from the last numeric part of the ids to earlier ones: in each round, ids that are
 * the same but for the number there become one bracket; those that found no companion go on.
 */
#include "lib/flow/range.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"

enum {
	FOLD_ROUNDS = 8, /* numeric parts that are tried, from the end; an IPv4 address has four */
	DIGITS_MAX = 18	 /* longer numbers count as text */
};

/* A numeric part of an id. */
struct number {
	size_t start, size;
	long long value;
};

/* An id with the number that this round looks at. */
struct member {
	size_t id; /* its position in the sorted ids */
	size_t group;
	struct number number;
	int width; /* zero-padded to it; 0: not padded */
};

/* A folded group, or an id that stands alone. */
struct piece {
	size_t first; /* position of its first id */
	char *text;
};

struct fold {
	struct list ids; /* sorted, each once */
	bool *done;	 /* for each id: in a piece already */
	struct member *members;
	size_t member_count;
	struct piece *pieces; /* at most one per id */
	size_t piece_count;
};

/* The numeric part that `skip` others follow. False when there is none. */
static bool find_number(const char *id, size_t skip, struct number *number)
{
	size_t end = strlen(id);
	size_t start;

	for (;; end = start) {
		while (end && (id[end - 1] < '0' || id[end - 1] > '9'))
			end--;
		start = end;
		while (start && id[start - 1] >= '0' && id[start - 1] <= '9')
			start--;
		if (start == end)
			return false;
		if (!skip--)
			break;
	}
	if (end - start > DIGITS_MAX)
		return false;
	*number = (struct number){start, end - start, 0};
	for (; start < end; start++)
		number->value = number->value * 10 + (id[start] - '0');
	return true;
}

/* Sorts unique non-empty ids into fold->ids. */
static void fold_sort(struct fold *fold, const char *const *ids, size_t count)
{
	struct list *sorted = &fold->ids;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (*ids[i])
			list_add(sorted, ids[i]);
	list_sort(sorted);
	for (size_t i = 0; i < sorted->count; i++) {
		if (kept && !strcmp(sorted->at[kept - 1], sorted->at[i]))
			free(sorted->at[i]);
		else
			sorted->at[kept++] = sorted->at[i];
	}
	sorted->count = kept;
}

/*
 * Collects the ids that have a number in this round. Ids of one group are the same around it; in a
 * group, the lengths at which a number with leading zeros occurs are padded widths.
 */
static void fold_collect(struct fold *fold, size_t round)
{
	struct map *groups = map_create();
	uint32_t *padded = mem_zero(fold->ids.count, sizeof(*padded)); /* by group: set of sizes */
	struct buf around = BUF_INIT;

	fold->member_count = 0;
	for (size_t i = 0; i < fold->ids.count; i++) {
		struct member *member = &fold->members[fold->member_count];
		const char *id = fold->ids.at[i];
		uint32_t *group;

		/* What looks like a range already cannot be put into one. */
		if (fold->done[i] || strpbrk(id, "[],") || !find_number(id, round, &member->number))
			continue;
		buf_clear(&around);
		buf_add(&around, id, member->number.start);
		buf_char(&around, '\0');
		buf_text(&around, id + member->number.start + member->number.size);
		group = map_get_n(groups, around.at, around.len);
		if (!group) {
			group = &padded[map_count(groups)];
			map_set_n(groups, around.at, around.len, group);
		}
		if (id[member->number.start] == '0' && member->number.size > 1)
			*group |= 1U << member->number.size;
		member->id = i;
		member->group = (size_t)(group - padded);
		fold->member_count++;
	}
	for (size_t i = 0; i < fold->member_count; i++) {
		struct member *member = &fold->members[i];
		bool is_padded = padded[member->group] >> member->number.size & 1;

		member->width = is_padded ? (int)member->number.size : 0;
	}
	buf_finish(&around);
	free(padded);
	map_destroy(groups);
}

static int compare_members(const void *a, const void *b)
{
	const struct member *left = a;
	const struct member *right = b;

	if (left->group != right->group)
		return left->group < right->group ? -1 : 1;
	if (left->width != right->width)
		return left->width < right->width ? -1 : 1;
	return (left->number.value > right->number.value) -
	       (left->number.value < right->number.value);
}

static void fold_add(struct fold *fold, size_t first, char *text)
{
	fold->pieces[fold->piece_count++] = (struct piece){first, text};
}

/* Makes a bracket of members that are one group of one width. */
static void fold_bracket(struct fold *fold, const struct member *members, size_t count)
{
	const char *id = fold->ids.at[members->id];
	const struct number *number = &members->number;
	struct buf text = BUF_INIT;
	size_t first = members->id;
	size_t last;

	buf_add(&text, id, number->start);
	for (size_t i = 0; i < count; i = last + 1) {
		last = i;
		while (last + 1 < count &&
		       members[last + 1].number.value == members[last].number.value + 1)
			last++;
		buf_format(&text, "%c%0*lld", i ? ',' : '[', members->width,
			   members[i].number.value);
		if (last > i)
			buf_format(&text, "-%0*lld", members->width, members[last].number.value);
	}
	buf_char(&text, ']');
	buf_text(&text, id + number->start + number->size);
	for (size_t i = 0; i < count; i++) {
		fold->done[members[i].id] = true;
		if (members[i].id < first)
			first = members[i].id;
	}
	fold_add(fold, first, buf_detach(&text));
}

static void fold_round(struct fold *fold, size_t round)
{
	struct member *members = fold->members;
	size_t end;

	fold_collect(fold, round);
	if (fold->member_count > 1)
		qsort(members, fold->member_count, sizeof(*members), compare_members);
	for (size_t start = 0; start < fold->member_count; start = end) {
		for (end = start + 1; end < fold->member_count; end++)
			if (members[end].group != members[start].group ||
			    members[end].width != members[start].width)
				break;
		if (end - start > 1)
			fold_bracket(fold, members + start, end - start);
	}
}

static int compare_pieces(const void *a, const void *b)
{
	size_t left = ((const struct piece *)a)->first;
	size_t right = ((const struct piece *)b)->first;

	return (left > right) - (left < right);
}

void range_fold(struct buf *buf, const char *const *ids, size_t count)
{
	struct fold fold = {.ids = LIST_INIT};

	fold_sort(&fold, ids, count);
	count = fold.ids.count;
	fold.done = mem_zero(count, sizeof(*fold.done));
	fold.members = mem_zero(count + 1, sizeof(*fold.members));
	fold.pieces = mem_zero(count, sizeof(*fold.pieces));
	for (size_t round = 0; round < FOLD_ROUNDS; round++)
		fold_round(&fold, round);
	for (size_t i = 0; i < count; i++)
		if (!fold.done[i])
			fold_add(&fold, i, mem_text(fold.ids.at[i]));
	if (fold.piece_count > 1)
		qsort(fold.pieces, fold.piece_count, sizeof(*fold.pieces), compare_pieces);
	for (size_t i = 0; i < fold.piece_count; i++) {
		if (i)
			buf_char(buf, ',');
		buf_text(buf, fold.pieces[i].text);
		free(fold.pieces[i].text);
	}
	free(fold.pieces);
	free(fold.members);
	free(fold.done);
	list_finish(&fold.ids);
}
