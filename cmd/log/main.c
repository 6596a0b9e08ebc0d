/* mroom log: the journal of runs. */
#include "cmd/log/log.h"

static const struct verb verbs[] = {
    {"list", "list runs", log_list},
    {"show", "show one run, or what its servers answered", log_show},
    {"failed", "print the servers of a run that did not end well", log_failed},
    {"servers", "tell what came of one server, run by run", log_servers},
    {"slow", "print the slowest servers", log_slow},
    {"tail", "print the newest results, and those to come", log_tail},
    {"diff", "print what changed from one run to another", log_diff},
    {"export", "print everything as JSON lines", log_export},
    {"prune", "forget what is old", log_prune},
};

int main(int argc, char **argv)
{
	return verb_main("mroom log", "The journal: which runs there were, and what came of them.",
			 verbs, sizeof(verbs) / sizeof(*verbs), argc, argv);
}
