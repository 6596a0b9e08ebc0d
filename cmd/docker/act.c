/* mroom docker start, stop, restart, rm: something is done to containers, and told one by one. */
#include "cmd/docker/job.h"
#include "lib/base/mem.h"

static const struct out_column columns[] = {
    {.name = "id"}, {.name = "container"}, {.name = "result"}, {.name = "reason"}};

struct act_args {
	const char *verb; /* of the engine */
	int64_t grace_ms;
	bool force, volumes;
};

#define AT(field) offsetof(struct act_args, field)

static const struct opt none[] = {{.type = OPT_END}};
static const struct opt stop_opts[] = {
    {0, "grace", OPT_TIME, AT(grace_ms), "TIME", "kill what has not ended by then (10s)", NULL, 0,
     0, NULL},
    {.type = OPT_END},
};
static const struct opt rm_opts[] = {
    {0, "force", OPT_FLAG, AT(force), NULL, "running containers too", NULL, 0, 0, NULL},
    {0, "volumes", OPT_FLAG, AT(volumes), NULL, "with their anonymous volumes", NULL, 0, 0, NULL},
    {.type = OPT_END},
};

static int prepare(struct job *job, char **operands, size_t count)
{
	const struct act_args *args = job->spec->into;

	(void)operands;
	(void)count;
	list_add(&job->words, "act");
	list_add(&job->words, args->verb);
	if (args->grace_ms)
		list_take(&job->words,
			  mem_format("--time=%lld", (long long)((args->grace_ms + 999) / 1000)));
	if (args->force)
		list_add(&job->words, "--force");
	if (args->volumes)
		list_add(&job->words, "--volumes");
	list_add(&job->words, "--");
	return 0;
}

static int act(const char *verb, const char *about, const struct opt *opts,
	       const char *const *examples, int argc, char **argv)
{
	struct act_args args = {.verb = verb};
	char *command = mem_format("mroom docker %s", verb);
	const struct job_spec spec = {
	    .command = command,
	    .args = "CONTAINER... [-] | -",
	    .about = about,
	    .script = "engine.sh docker.sh",
	    .opts = opts,
	    .into = &args,
	    .columns = columns,
	    .column_count = 4,
	    .chooses = true,
	    .needs_choice = true,
	    .examples = examples,
	    .prepare = prepare,
	};
	int status = job_main(&spec, argc, argv);

	free(command);
	return status;
}

int docker_start(int argc, char **argv)
{
	static const char *const examples[] = {"mroom docker start web -w web-[01-12]", NULL};

	return act("start", "Starts containers.", none, examples, argc, argv);
}

int docker_stop(int argc, char **argv)
{
	static const char *const examples[] = {"mroom docker stop 'worker-*' -g production", NULL};

	return act("stop", "Stops containers.", stop_opts, examples, argc, argv);
}

int docker_restart(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom docker restart web -a",
	    "mroom health check -a | awk -F'\\t' '$2 == \"CRITICAL\"' | mroom docker restart web -",
	    "mroom docker ps -a --health unhealthy | mroom docker restart -",
	    NULL,
	};

	return act("restart", "Restarts containers.", stop_opts, examples, argc, argv);
}

int docker_rm(int argc, char **argv)
{
	static const char *const examples[] = {"mroom docker rm --state exited --keyword job- -a",
					       NULL};

	return act("rm", "Removes containers.", rm_opts, examples, argc, argv);
}
