/* mroom docker: containers on every server. */
#include <string.h>

#include "cmd/docker/job.h"

static const struct verb verbs[] = {
    {"ps", "list containers", docker_ps},
    {"run", "have a container run as it should, replacing one that differs", docker_run},
    {"start", "start containers", docker_start},
    {"stop", "stop containers", docker_stop},
    {"restart", "restart containers", docker_restart},
    {"rm", "remove containers", docker_rm},
    {"logs", "show what containers say", docker_logs},
    {"exec", "run a command in a container", docker_exec},
    {"inspect", "show all about containers", docker_inspect},
    {"stats", "show what containers use", docker_stats},
    {"pull", "pull images", docker_pull},
    {"send", "bring an image to servers without a registry", docker_send},
    {"login", "log in to a registry", docker_login},
    {"logout", "log out of a registry", docker_logout},
    {"compose", "projects of several containers", docker_compose},
    {"install", "bring the engine and compose to servers", docker_install},
    {"doctor", "say what servers lack to run containers", docker_doctor},
};

/* Options in place of a verb: the engine's own command follows. */
static bool is_rest(const char *word)
{
	return *word == '-' && strcmp(word, "--help") != 0 && strcmp(word, "-h") != 0 &&
	       strcmp(word, "--list-options") != 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && is_rest(argv[1]))
		return docker_engine(argc, argv);
	return verb_main("mroom docker", "Containers on every server, by the servers' own docker.",
			 verbs, sizeof(verbs) / sizeof(*verbs), argc, argv);
}
