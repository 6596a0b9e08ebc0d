/* One screen about a room of any size. */
#include <stdlib.h>

#include "cmd/health/report.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/flow/range.h"

/* What fits a screen beside the counts. */
#define GROUPS_MOST 24
#define CHANGES_MOST 8

/* Servers with the same trouble, or the same change. */
struct group {
	const struct check *first;
	enum health was;
	const char **ids;
	size_t count, cap;
	bool same; /* they all say the same text */
	bool has_values;
	double low, high;
};

struct groups {
	struct map *by_key;
	struct group **at;
	size_t count, cap;
};

static void group_add(struct group *group, const char *id, const struct check *check)
{
	if (group->count == group->cap) {
		group->cap = group->cap ? group->cap * 2 : 8;
		group->ids = mem_resize(group->ids, group->cap, sizeof(*group->ids));
	}
	group->ids[group->count++] = id;
	group->same = group->same && !strcmp(group->first->text, check->text);
	group->has_values = group->has_values && check->has_value;
	group->low = check->value < group->low ? check->value : group->low;
	group->high = check->value > group->high ? check->value : group->high;
}

static void groups_add(struct groups *groups, const char *id, const struct check *check,
		       enum health was)
{
	char *key = mem_format("%d %d %s", (int)check->status, (int)was, check->name);
	struct group *group = map_get(groups->by_key, key);

	if (!group) {
		group = mem_zero(1, sizeof(*group));
		*group = (struct group){.first = check,
					.was = was,
					.same = true,
					.has_values = true,
					.low = check->value,
					.high = check->value};
		map_set(groups->by_key, key, group);
		if (groups->count == groups->cap) {
			groups->cap = groups->cap ? groups->cap * 2 : 32;
			groups->at = mem_resize(groups->at, groups->cap, sizeof(struct group *));
		}
		groups->at[groups->count++] = group;
	}
	group_add(group, id, check);
	free(key);
}

/* The gravest first, then what most servers have. */
static int by_weight(const void *a, const void *b)
{
	const struct group *one = *(const struct group *const *)a;
	const struct group *other = *(const struct group *const *)b;
	enum health status = one->first->status;

	if (status != other->first->status)
		return health_worse(status, other->first->status) == status ? -1 : 1;
	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return natural_compare(one->first->name, other->first->name);
}

static void groups_finish(struct groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		free(groups->at[i]->ids);
		free(groups->at[i]);
	}
	free(groups->at);
	map_destroy(groups->by_key);
}

/* "3: web-[01-03]" */
static void fold_ids(const struct group *group, struct buf *text)
{
	if (group->count > 1)
		buf_format(text, "%zu: ", group->count);
	range_fold(text, group->ids, group->count);
}

static void group_text(const struct group *group, struct buf *text)
{
	if (group->same)
		buf_text(text, group->first->text);
	else if (group->has_values)
		buf_format(text, "%.6g%s to %.6g%s", group->low, group->first->unit, group->high,
			   group->first->unit);
	else
		buf_format(text, "%s, and others", group->first->text);
}

static int print_troubles(const struct groups *groups, const struct out_args *form, struct err *err)
{
	static const struct out_column columns[] = {{"status", OUT_TEXT, false},
						    {"check", OUT_TEXT, false},
						    {"servers", OUT_TEXT, false},
						    {"text", OUT_TEXT, false}};
	struct out *out = out_create(stdout, form, columns, 4, err);

	if (!out)
		return -1;
	for (size_t i = 0; i < groups->count && i < GROUPS_MOST; i++) {
		struct buf ids = BUF_INIT, text = BUF_INIT;

		fold_ids(groups->at[i], &ids);
		group_text(groups->at[i], &text);
		const char *values[] = {health_word(groups->at[i]->first->status),
					groups->at[i]->first->name, ids.at, text.at};

		out_row(out, values);
		buf_finish(&ids);
		buf_finish(&text);
	}
	if (out_finish(out, err))
		return -1;
	if (groups->count > GROUPS_MOST)
		printf("and %zu more kinds of trouble (-o tsv shows all)\n",
		       groups->count - GROUPS_MOST);
	return 0;
}

static void print_changes(const struct groups *changes)
{
	if (changes->count)
		printf("\nChanged with the last check:\n");
	for (size_t i = 0; i < changes->count && i < CHANGES_MOST; i++) {
		const struct group *group = changes->at[i];
		struct buf line = BUF_INIT, shown = BUF_INIT;

		buf_format(&line, "%s: %s -> %s  ", group->first->name, health_word(group->was),
			   health_word(group->first->status));
		fold_ids(group, &line);
		quote_terminal(&shown, line.at, line.len, false);
		printf("%s\n", shown.at);
		buf_finish(&line);
		buf_finish(&shown);
	}
	if (changes->count > CHANGES_MOST)
		printf("and %zu more changes\n", changes->count - CHANGES_MOST);
}

static void print_head(const struct ward *ward)
{
	struct buf text = BUF_INIT;
	int64_t oldest = 0, newest = 0;

	for (size_t i = 0; i < ward->count; i++) {
		int64_t at = ward->at[i].checkup.at_ms;

		if (at && (!oldest || at < oldest))
			oldest = at;
		newest = at > newest ? at : newest;
	}
	check_counts(ward, &text);
	printf("%zu server%s: %s\n", ward->count, ward->count == 1 ? "" : "s",
	       text.len ? text.at : "none");
	buf_clear(&text);
	if (newest) {
		clock_show(&text, oldest);
		buf_text(&text, " to ");
		clock_show(&text, newest);
		printf("checked %s\n", text.at);
	}
	printf("\n");
	buf_finish(&text);
}

int report_screen(const struct ward *ward, const struct out_args *form, struct err *err)
{
	struct groups troubles = {.by_key = map_create()}, changes = {.by_key = map_create()};
	int result;

	for (size_t i = 0; i < ward->count; i++) {
		const struct checkup *checkup = &ward->at[i].checkup;

		for (size_t j = 0; j < checkup->count; j++) {
			const struct check *check = &checkup->at[j];

			if (check->status != HEALTH_OK)
				groups_add(&troubles, ward->at[i].id, check, check->status);
			if (check->was != check->status && check->since_ms == checkup->at_ms)
				groups_add(&changes, ward->at[i].id, check, check->was);
		}
	}
	if (troubles.count)
		qsort(troubles.at, troubles.count, sizeof(*troubles.at), by_weight);
	if (changes.count)
		qsort(changes.at, changes.count, sizeof(*changes.at), by_weight);
	print_head(ward);
	result = troubles.count ? print_troubles(&troubles, form, err) : 0;
	print_changes(&changes);
	groups_finish(&troubles);
	groups_finish(&changes);
	return result;
}
