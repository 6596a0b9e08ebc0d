#include "lib/room/schedule_json.h"

#define SECONDS_MAX 253402300799.0 /* the last one of the year 9999 */

static json_t *seconds(int64_t ms)
{
	return ms % 1000 ? json_real((double)ms / 1000.0) : json_integer(ms / 1000);
}

json_t *schedule_to_json(const struct schedule_row *row)
{
	json_t *due = row->due_at == SCHEDULE_NEVER ? json_null() : json_integer(row->due_at / 1000);
	json_t *both;

	if (row->every <= 0 && row->due_at != SCHEDULE_NEVER)
		return due;
	both = json_object();
	json_object_set_new(both, "due", due);
	if (row->every > 0)
		json_object_set_new(both, "every", seconds(row->every));
	return both;
}

/* A number of seconds, as milliseconds. */
static int read_seconds(const json_t *value, int64_t *ms)
{
	double number = json_number_value(value);

	if (!json_is_number(value) || !(number >= 0 && number <= SECONDS_MAX))
		return -1;
	*ms = (int64_t)(number * 1000.0 + 0.5);
	return 0;
}

static int read_value(const json_t *value, struct schedule_row *row)
{
	const json_t *due = json_is_object(value) ? json_object_get(value, "due") : value;
	const json_t *every = json_object_get(value, "every");

	row->every = SCHEDULE_AS_BEFORE;
	if (every && (read_seconds(every, &row->every) || row->every == 0))
		return -1;
	row->due_at = SCHEDULE_NEVER;
	if (json_is_object(value) && (!due || json_is_null(due)))
		return 0;
	return read_seconds(due, &row->due_at);
}

int schedule_from_json(const char *text, struct schedule_row *row, struct err *err)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	int result = read_value(value, row);

	json_decref(value);
	if (result)
		err_set(err, STATUS_USAGE,
			"its schedule is neither seconds since the epoch nor {\"due\":..., "
			"\"every\":...}");
	return result;
}
