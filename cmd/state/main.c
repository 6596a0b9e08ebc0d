/* mroom state: what the console remembers about servers. */
#include "cmd/state/state.h"

static const struct verb verbs[] = {
    {"get", "print a value", state_get},
    {"set", "remember a value", state_set},
    {"unset", "forget values", state_unset},
    {"ls", "list what is remembered", state_ls},
    {"has", "tell whether a value is there", state_has},
    {"flag", "set flags", state_flag},
    {"unflag", "take flags away", state_unflag},
    {"incr", "add to a number", state_incr},
    {"dump", "print everything, for load", state_dump},
    {"load", "read many values, all or none", state_load},
    {"history", "who changed what, when, from what", state_history},
    {"schedule", "enter when servers are due, or show it", state_schedule},
    {"due", "print the servers that are due", state_due},
    {"done", "note that it was done", state_done},
    {"backup", "copy the database to a file", state_backup},
    {"restore", "put a backup in the database's place", state_restore},
    {"check", "say whether the database is whole", state_check},
    {"secret", "seal, list and remove passwords; make a new key", state_secret},
    {"sql", "read the store by a SELECT", state_sql},
};

int main(int argc, char **argv)
{
	return verb_main("mroom state", "What the console remembers about servers.", verbs,
			 sizeof(verbs) / sizeof(*verbs), argc, argv);
}
