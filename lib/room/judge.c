#include "lib/room/judge.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/judge_parts.h"

#define NAMES_MAX 64

void judge_init(struct judge *judge, const struct config *config, const struct server *server)
{
	char *at, *rest = NULL;

	memset(judge, 0, sizeof(*judge));
	judge->config = config;
	judge->names = mem_zero(NAMES_MAX + 2, sizeof(*judge->names));
	judge->names[judge->name_count++] = server->id;
	judge->tags = mem_text(server->tags ? server->tags : "");
	for (at = strtok_r(judge->tags, ",", &rest); at && judge->name_count <= NAMES_MAX;
	     at = strtok_r(NULL, ",", &rest))
		judge->names[judge->name_count++] = at;
	if (server->room)
		judge->names[judge->name_count++] = server->room;
}

void judge_finish(struct judge *judge)
{
	free(judge->names);
	free(judge->tags);
}

const char *judge_setting(const struct judge *judge, const char *key)
{
	return config_text_for(judge->config, key, judge->names, judge->name_count);
}

/* Settings were checked when they were read: what does not parse is not there. */
static void find_levels(const struct judge *judge, const char *key, struct levels *levels)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	memset(levels, 0, sizeof(*levels));
	for (size_t i = 0; i < count; i++)
		if (!strcmp(keys[i].section, "health") && !strcmp(keys[i].key, key))
			levels_parse(judge_setting(judge, key), keys[i].choices, levels, NULL);
}

struct check *sitting_value(const struct sitting *sitting, const char *key, const char *subject,
			    double value, const char *unit, const char *format, ...)
{
	struct buf text = BUF_INIT;
	struct levels levels;
	struct check *check;
	va_list args;

	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	find_levels(sitting->judge, key, &levels);
	check = checkup_add(sitting->checkup, levels_judge(&levels, value), text.at,
			    subject ? "%s:%s" : "%s", key, subject);
	if (check) {
		check->levels = levels;
		check->value = value;
		check->has_value = true;
		snprintf(check->unit, sizeof(check->unit), "%s", unit);
	}
	buf_finish(&text);
	return check;
}

struct check *sitting_say(const struct sitting *sitting, enum health status, const char *name,
			  const char *format, ...)
{
	struct buf text = BUF_INIT;
	struct check *check;
	va_list args;

	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	check = checkup_add(sitting->checkup, status, text.at, "%s", name);
	buf_finish(&text);
	return check;
}

void show_kib(char *into, size_t room, double kib)
{
	static const char *const units[] = {"KB", "MB", "GB", "TB", "PB"};
	size_t i = 0;

	for (; i + 1 < sizeof(units) / sizeof(*units) && kib >= 1024; i++)
		kib /= 1024;
	snprintf(into, room, kib < 10 && i ? "%.1f %s" : "%.0f %s", kib, units[i]);
}

/* What [health] ignore names was looked at, but does not count. */
static void ignore(const struct judge *judge, struct checkup *checkup)
{
	struct list patterns = LIST_INIT;

	list_split(&patterns, judge_setting(judge, "ignore"), ',');
	for (size_t i = 0; i < checkup->count; i++) {
		struct check *check = &checkup->at[i];

		for (size_t j = 0; j < patterns.count && check->status != HEALTH_OK; j++)
			if (!fnmatch(patterns.at[j], check->name, 0)) {
				char *text = mem_format("%s (ignored)", check->text);

				free(check->text);
				check->text = text;
				check->status = HEALTH_OK;
			}
	}
	list_finish(&patterns);
}

void judge_facts(const struct judge *judge, const struct facts *facts, struct checkup *checkup)
{
	const struct sitting sitting = {judge, facts, checkup};

	checkup->at_ms = judge->got_ms;
	if (!facts->count) {
		sitting_say(&sitting, HEALTH_UNKNOWN, "probe",
			    "the server answered nothing (is there a POSIX shell?)");
	} else {
		judge_system(&sitting);
		judge_network(&sitting);
		judge_services(&sitting);
		if (!facts->whole)
			sitting_say(&sitting, HEALTH_UNKNOWN, "probe", "the answer is cut short");
	}
	ignore(judge, checkup);
	checkup_close(checkup);
	checkup_compare(checkup, judge->before);
}
