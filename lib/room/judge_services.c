/* What runs on the server: services, units, containers, certificates, the user's own checks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "lib/room/judge_parts.h"

/* The fact of that word whose first field is `name`, or NULL. */
static const struct fact *about(const struct sitting *sitting, const char *word, const char *name)
{
	const struct fact *fact = NULL;

	while ((fact = facts_find(sitting->facts, word, fact)))
		if (!strcmp(fact->field[0], name))
			return fact;
	return NULL;
}

/* Whether the service manager has something to say of it: what it does not run may run by itself. */
static bool is_managed(const struct fact *service)
{
	return service && strcmp(service->field[1], "inactive") != 0 &&
	       strcmp(service->field[1], "unknown") != 0;
}

/* The service manager's word counts, unless it does not know the service, or has not started it: then
 * a process will do. */
static void judge_service(const struct sitting *sitting, const char *name)
{
	const struct fact *service = about(sitting, "service", name);
	const struct fact *process = about(sitting, "process", name);
	bool active = service && (!strcmp(service->field[1], "active") ||
				  !strcmp(service->field[1], "reloading"));
	bool runs = process && !strcmp(process->field[1], "yes") && !is_managed(service);
	char *check = mem_format("service:%s", name);

	if (active || runs)
		sitting_say(sitting, HEALTH_OK, check, "%s", active ? "active" : "a process runs");
	else if (service || process)
		sitting_say(sitting, HEALTH_CRITICAL, check, "%s",
			    service ? service->field[1] : "no process of that name");
	else
		sitting_say(sitting, HEALTH_UNKNOWN, check, "the server does not say");
	free(check);
}

static void judge_units(const struct sitting *sitting)
{
	const struct fact *unit = NULL;
	struct buf names = BUF_INIT;
	double count = 0;

	while ((unit = facts_find(sitting->facts, "failed", unit))) {
		if (count++ < 10)
			buf_format(&names, "%s%s", names.len ? ", " : ": ", unit->field[0]);
	}
	if (count > 0 || about(sitting, "manager", "systemd"))
		sitting_value(sitting, "units", NULL, count, "", "%.0f failed unit%s%s", count,
			      count == 1 ? "" : "s", names.at);
	buf_finish(&names);
}

/* docker's own words: "Up 3 minutes (unhealthy)", "Restarting (1) 2 seconds ago", "Exited (0) ...".
 */
static void judge_containers(const struct sitting *sitting)
{
	const struct fact *container = NULL,
			  *engine = facts_find(sitting->facts, "containers", NULL);
	double running = 0, bad = 0;
	struct check *check;

	if (!engine)
		return;
	if (!strcmp(engine->field[1], "silent")) {
		sitting_say(sitting, HEALTH_UNKNOWN, "containers", "%s does not answer",
			    engine->field[0]);
		return;
	}
	while ((container = facts_find(sitting->facts, "container", container))) {
		const char *status = container->field[1];
		char *name;

		running += !strncmp(status, "Up", 2);
		if (!strstr(status, "(unhealthy)") && strncmp(status, "Restarting", 10) != 0 &&
		    strncmp(status, "Dead", 4) != 0)
			continue;
		bad++;
		name = mem_format("container:%s", container->field[0]);
		sitting_say(sitting, HEALTH_CRITICAL, name, "%s", status);
		free(name);
	}
	check = sitting_say(sitting, HEALTH_OK, "containers", "%.0f running, %.0f in trouble (%s)",
			    running, bad, engine->field[0]);
	if (check) {
		check->has_value = true;
		check->value = running;
	}
}

static void judge_certificates(const struct sitting *sitting)
{
	const struct fact *fact = NULL;
	char *name;
	struct tm until;
	double left;

	while ((fact = facts_find(sitting->facts, "certificate", fact))) {
		memset(&until, 0, sizeof(until));
		if (!strptime(fact->field[1], "%b %d %H:%M:%S %Y", &until)) {
			name = mem_format("certificate:%s", fact->field[0]);
			sitting_say(sitting, HEALTH_UNKNOWN, name, "cannot be read");
			free(name);
			continue;
		}
		left = difftime(timegm(&until), (time_t)(sitting->judge->got_ms / 1000));
		sitting_value(sitting, "certificate", fact->field[0], left, "s",
			      left > 0 ? "%.0f days left" : "expired %.0f days ago",
			      (double)(int64_t)((left > 0 ? left : -left) / 86400));
	}
}

/* TEXT | 'label'=value[unit];warn;crit ...: the first value is taken for the check's own. */
static void judge_plugin(const struct sitting *sitting, const struct fact *fact)
{
	const char *said = fact->field[2], *bar = strchr(said, '|');
	char *name = mem_format("check:%s", fact->field[0]);
	char *text = mem_text_n(said, bar ? (size_t)(bar - said) : strlen(said));
	const char *equals = bar ? strchr(bar, '=') : NULL;
	struct check *check;
	double status;
	char *end;

	for (size_t size = strlen(text); size && text[size - 1] == ' ';)
		text[--size] = '\0';
	if (!fact_number(fact, 1, &status) || status < 0 || status > 3)
		status = HEALTH_UNKNOWN;
	check = sitting_say(sitting, (enum health)(int)status, name, "%s",
			    *text ? text : "says nothing");
	if (check && equals) {
		check->value = strtod(equals + 1, &end);
		check->has_value = end > equals + 1 && isfinite(check->value);
		if (*end == '%')
			memcpy(check->unit, "%", 2);
	}
	free(text);
	free(name);
}

void judge_services(const struct sitting *sitting)
{
	const struct fact *updates = facts_find(sitting->facts, "updates", NULL), *own = NULL;
	struct list wanted = LIST_INIT;
	double count;

	list_split(&wanted, judge_setting(sitting->judge, "services"), ',');
	for (size_t i = 0; i < wanted.count; i++)
		judge_service(sitting, wanted.at[i]);
	list_finish(&wanted);
	judge_units(sitting);
	if (fact_number(updates, 0, &count))
		sitting_value(sitting, "updates", NULL, count, "", "%.0f security update%s", count,
			      count == 1 ? "" : "s");
	judge_containers(sitting);
	judge_certificates(sitting);
	while ((own = facts_find(sitting->facts, "check", own)))
		judge_plugin(sitting, own);
}
