/* mroom deploy: what servers are to be like, done in stages that may be repeated. */
#include "cmd/deploy/deploy.h"

static const struct verb verbs[] = {
    {"run", "bring servers through stages", deploy_run},
    {"plan", "tell what run would do, and why", deploy_plan},
    {"resume", "collect what a lost connection left running", deploy_resume},
    {"undo", "take stages back", deploy_undo},
    {"app", "roll applications out, and back", deploy_app},
    {"config", "render a file for each server and put it in place", deploy_config},
    {"lock", "show who deploys to servers, or take that away", deploy_lock},
    {"stages", "list the stages there are", deploy_stages},
    {"status", "which server went through which stage", deploy_status},
};

int main(int argc, char **argv)
{
	return verb_main("mroom deploy", "Staged deployments that may be repeated and resumed.",
			 verbs, sizeof(verbs) / sizeof(*verbs), argc, argv);
}
