/* What the server reaches, and what it listens on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/list.h"
#include "lib/room/judge_parts.h"
#include "lib/room/listening.h"

static void judge_ping(const struct sitting *sitting)
{
	const char *address = judge_setting(sitting->judge, "ping_address");
	const struct fact *ping = facts_find(sitting->facts, "ping", NULL);
	double ms;

	if (!*address)
		return;
	if (!ping)
		sitting_say(sitting, HEALTH_UNKNOWN, "ping",
			    "the server cannot ping (no such program, or no right to)");
	else if (strcmp(ping->field[1], "ok") != 0)
		sitting_say(sitting, HEALTH_CRITICAL, "ping", "no answer from %s", address);
	else if (fact_number(ping, 2, &ms))
		sitting_value(sitting, "ping", NULL, ms / 1000, "s", "%s answers in %.3g ms",
			      address, ms);
	else
		sitting_say(sitting, HEALTH_OK, "ping", "%s answers", address);
}

static void judge_dns(const struct sitting *sitting)
{
	const char *name = judge_setting(sitting->judge, "dns_name");
	const struct fact *dns = facts_find(sitting->facts, "dns", NULL);

	if (!*name)
		return;
	if (!dns)
		sitting_say(sitting, HEALTH_UNKNOWN, "dns",
			    "the server has no program that resolves names");
	else if (strcmp(dns->field[1], "ok") != 0)
		sitting_say(sitting, HEALTH_CRITICAL, "dns", "%s does not resolve", name);
	else
		sitting_say(sitting, HEALTH_OK, "dns", "%s resolves", name);
}

static void judge_listen(const struct sitting *sitting)
{
	struct list wanted = LIST_INIT, missing = LIST_INIT;
	struct listening *at;
	size_t count;
	char *joined;

	list_split(&wanted, judge_setting(sitting->judge, "listen"), ',');
	if (!wanted.count)
		return;
	if (!facts_find(sitting->facts, "ports", NULL)) {
		sitting_say(sitting, HEALTH_UNKNOWN, "listen", "the server does not tell what listens");
		list_finish(&wanted);
		return;
	}
	at = listening_read(sitting->facts, &count);
	for (size_t i = 0; i < wanted.count; i++) {
		bool found = false;

		for (size_t j = 0; j < count && !found; j++)
			found = !strcmp(at[j].protocol, "tcp") &&
				at[j].port == strtol(wanted.at[i], NULL, 10);
		if (!found)
			list_add(&missing, wanted.at[i]);
	}
	joined = list_join(missing.count ? &missing : &wanted, ", ");
	sitting_say(sitting, missing.count ? HEALTH_CRITICAL : HEALTH_OK, "listen",
		    missing.count ? "nothing listens on %s" : "something listens on %s", joined);
	free(joined);
	free(at);
	list_finish(&wanted);
	list_finish(&missing);
}

void judge_network(const struct sitting *sitting)
{
	const struct fact *route = facts_find(sitting->facts, "route", NULL);

	if (route)
		sitting_say(sitting, strcmp(route->field[0], "yes") ? HEALTH_CRITICAL : HEALTH_OK,
			    "route",
			    strcmp(route->field[0], "yes") ? "no default route"
							   : "there is a default route");
	judge_dns(sitting);
	judge_ping(sitting);
	judge_listen(sitting);
}
