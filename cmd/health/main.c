/* mroom health: is the room well, was it, will it be? */
#include "cmd/health/health.h"

static const struct verb verbs[] = {
    {"check", "check servers and judge what is found", health_check},
    {"facts", "tell what servers are, as remembered or asked anew", health_facts},
    {"report", "tell how servers were when they were checked last", health_report},
    {"history", "show what checks of a server measured", health_history},
    {"ports", "tell what listens, and what changed since the last time", health_ports},
    {"db", "check SQLite databases on servers", health_db},
    {"alert", "run a command once for each change", health_alert},
    {"watch", "show it all on a full screen", health_watch},
};

#define COUNT (sizeof(verbs) / sizeof(*verbs))

/* For Nagios a call that cannot be understood is UNKNOWN; 2 would be CRITICAL. */
static bool is_verb(const char *word)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(word, verbs[i].name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	int status = verb_main("mroom health", "Is the room well, was it, will it be?", verbs,
			       COUNT, argc, argv);

	if (status && (argc < 2 || !is_verb(argv[1])))
		return HEALTH_UNKNOWN;
	/* As when standard output could not be written. */
	return status > HEALTH_UNKNOWN && status != STATUS_INTERRUPTED ? HEALTH_UNKNOWN : status;
}
