/* What is on the list, and where the cursor is. */
#include <stdlib.h>

#include "cmd/health/watch.h"
#include "lib/base/mem.h"
#include "lib/flow/screen.h"

double watch_value(const struct patient *patient, enum watch_sort what)
{
	const struct checkup *checkup = &patient->checkup;
	double value = -1;

	for (size_t i = 0; i < checkup->count; i++) {
		const struct check *check = &checkup->at[i];
		bool wanted = what == SORT_LOAD	    ? !strcmp(check->name, "load1")
			      : what == SORT_MEMORY ? !strcmp(check->name, "memory")
						    : !strncmp(check->name, "disk:", 5);

		if (wanted && check->has_value && check->value > value)
			value = check->value;
	}
	return value;
}

static int compare(const struct watch *watch, const struct patient *a, const struct patient *b)
{
	enum health status = a->checkup.status;
	double one, other;

	if (watch->sort == SORT_STATUS && status != b->checkup.status)
		return health_worse(status, b->checkup.status) == status ? -1 : 1;
	if (watch->sort > SORT_ID) {
		one = watch_value(a, watch->sort);
		other = watch_value(b, watch->sort);
		if (one < other || one > other)
			return one > other ? -1 : 1;
	}
	return natural_compare(a->id, b->id);
}

/* Whether every word of the filter is in the server's id, room, status or troubles. */
static bool matches(const struct watch *watch, const struct patient *patient)
{
	struct buf text = BUF_INIT;
	bool good;

	if (!watch->filter.len)
		return true;
	buf_format(&text, "%s %s %s ", patient->id, patient->room,
		   health_word(patient->checkup.status));
	for (size_t i = 0; i < patient->checkup.count; i++)
		if (patient->checkup.at[i].status != HEALTH_OK)
			buf_format(&text, "%s %s ", patient->checkup.at[i].name,
				   patient->checkup.at[i].text);
	good = screen_matches(&watch->filter, text.at);
	buf_finish(&text);
	return good;
}

/* Insertion by halves: the order needs the watch, which qsort cannot carry. */
static void insert(struct watch *watch, size_t index)
{
	size_t low = 0, high = watch->shown_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order =
		    compare(watch, &watch->ward.at[watch->shown[middle]], &watch->ward.at[index]);

		if (watch->reverse ? order >= 0 : order <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	memmove(watch->shown + low + 1, watch->shown + low,
		(watch->shown_count - low) * sizeof(*watch->shown));
	watch->shown[low] = index;
	watch->shown_count++;
}

static void note_selected(struct watch *watch)
{
	free(watch->selected);
	watch->selected = watch->cursor < watch->shown_count
			      ? mem_text(watch->ward.at[watch->shown[watch->cursor]].id)
			      : NULL;
}

void watch_arrange(struct watch *watch)
{
	free(watch->shown);
	watch->shown = mem_zero(watch->ward.count + 1, sizeof(*watch->shown));
	watch->shown_count = 0;
	for (size_t i = 0; i < watch->ward.count; i++)
		if (matches(watch, &watch->ward.at[i]))
			insert(watch, i);
	for (size_t i = 0; watch->selected && i < watch->shown_count; i++)
		if (!strcmp(watch->ward.at[watch->shown[i]].id, watch->selected))
			watch->cursor = i;
	if (watch->cursor >= watch->shown_count)
		watch->cursor = watch->shown_count ? watch->shown_count - 1 : 0;
	note_selected(watch);
}

int watch_reload(struct watch *watch)
{
	struct ward ward = {NULL, 0, 0};

	watch->ask->operands = watch->ids.at;
	watch->ask->operand_count = watch->ids.count;
	if (watch->ids.count && report_load(watch->ask, &ward)) {
		ward_finish(&ward);
		return -1;
	}
	ward_finish(&watch->ward);
	watch->ward = ward;
	watch_arrange(watch);
	return 0;
}

const struct patient *watch_selected(const struct watch *watch)
{
	return watch->cursor < watch->shown_count ? &watch->ward.at[watch->shown[watch->cursor]]
						  : NULL;
}

void watch_move(struct watch *watch, long lines)
{
	const struct patient *patient = watch_selected(watch);

	if (watch->detail) {
		watch->detail_top =
		    screen_moved(watch->detail_top, lines, patient ? patient->checkup.count : 0);
		return;
	}
	watch->cursor = screen_moved(watch->cursor, lines, watch->shown_count);
	note_selected(watch);
}
