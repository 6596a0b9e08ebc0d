/* A checkup as JSON, for the store. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/checkup.h"
#include "lib/room/facts.h"

static json_t *check_json(const struct check *check)
{
	json_t *object = json_pack("{s:s, s:s, s:s}", "check", check->name, "status",
				   health_word(check->status), "text", check->text);

	if (!object)
		return NULL;
	if (check->has_value)
		json_object_set_new(object, "value", json_real(check->value));
	if (*check->unit)
		json_object_set_new(object, "unit", json_string(check->unit));
	if (check->levels.has_warn)
		json_object_set_new(object, "warn", json_real(check->levels.warn));
	if (check->levels.has_crit)
		json_object_set_new(object, "crit", json_real(check->levels.crit));
	if (check->levels.low)
		json_object_set_new(object, "low", json_true());
	if (check->was != check->status)
		json_object_set_new(object, "was", json_string(health_word(check->was)));
	if (check->since_ms)
		json_object_set_new(object, "since", json_integer(check->since_ms));
	return object;
}

void checkup_write(const struct checkup *checkup, struct buf *json)
{
	json_t *checks = json_array(), *whole;
	char *text;

	for (size_t i = 0; i < checkup->count; i++)
		json_array_append_new(checks, check_json(&checkup->at[i]));
	whole = json_pack("{s:I, s:s, s:o}", "at", (json_int_t)checkup->at_ms, "status",
			  health_word(checkup->status), "checks", checks);
	if (*checkup->cpu.boot)
		json_object_set_new(whole, "cpu",
				    json_pack("{s:s, s:I, s:I}", "boot", checkup->cpu.boot, "busy",
					      (json_int_t)checkup->cpu.busy, "idle",
					      (json_int_t)checkup->cpu.idle));
	text = json_dumps(whole, JSON_COMPACT | JSON_REAL_PRECISION(8));
	buf_text(json, text ? text : "{}");
	free(text);
	json_decref(whole);
}

static bool read_number(const json_t *object, const char *key, double *value)
{
	const json_t *number = json_object_get(object, key);

	if (json_is_number(number))
		*value = json_number_value(number);
	return json_is_number(number);
}

/* A count of ticks: whole and exact, as it was written. */
static bool read_ticks(const json_t *object, const char *key, double *value)
{
	return read_number(object, key, value) && *value >= 0 && *value <= FACT_LARGEST;
}

static bool read_check(struct checkup *checkup, const json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "check"));
	const char *word = json_string_value(json_object_get(object, "status"));
	const char *text = json_string_value(json_object_get(object, "text"));
	const char *was = json_string_value(json_object_get(object, "was"));
	const char *unit = json_string_value(json_object_get(object, "unit"));
	enum health status;
	struct check *check;

	if (!name || !word || !health_parse(word, &status))
		return false;
	check = checkup_add(checkup, status, text ? text : "", "%s", name);
	if (!check)
		return true;
	if (was)
		health_parse(was, &check->was);
	if (unit)
		snprintf(check->unit, sizeof(check->unit), "%s", unit);
	check->has_value = read_number(object, "value", &check->value);
	check->levels.has_warn = read_number(object, "warn", &check->levels.warn);
	check->levels.has_crit = read_number(object, "crit", &check->levels.crit);
	check->levels.low = json_is_true(json_object_get(object, "low"));
	check->since_ms = json_integer_value(json_object_get(object, "since"));
	return true;
}

int checkup_read(struct checkup *checkup, const char *json, struct err *err)
{
	json_t *whole = json_loads(json, 0, NULL);
	const json_t *checks = json_object_get(whole, "checks");
	const json_t *cpu = json_object_get(whole, "cpu");
	const char *boot = json_string_value(json_object_get(cpu, "boot"));
	bool good = json_is_array(checks);

	memset(checkup, 0, sizeof(*checkup));
	checkup->at_ms = json_integer_value(json_object_get(whole, "at"));
	for (size_t i = 0; good && i < json_array_size(checks); i++)
		good = read_check(checkup, json_array_get(checks, i));
	if (good && boot && read_ticks(cpu, "busy", &checkup->cpu.busy) &&
	    read_ticks(cpu, "idle", &checkup->cpu.idle))
		snprintf(checkup->cpu.boot, sizeof(checkup->cpu.boot), "%s", boot);
	checkup_close(checkup);
	json_decref(whole);
	if (good)
		return 0;
	checkup_finish(checkup);
	return err_set(err, STATUS_CONSOLE, "the state " CHECKUP_KEY " holds no checkup");
}
