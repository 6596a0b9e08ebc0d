/* mroom docker inspect, pull, doctor, logout: questions whose answers are rows. */
#include "cmd/docker/job.h"

#define SCRIPT "engine.sh docker.sh"

static int prepare_inspect(struct job *job, char **operands, size_t count)
{
	(void)operands;
	(void)count;
	list_add(&job->words, "inspect");
	return 0;
}

int docker_inspect(int argc, char **argv)
{
	static const struct out_column columns[] = {
	    {.name = "id"}, {.name = "container"}, {.name = "inspect", .type = OUT_RAW}};
	static const char *const examples[] = {
	    "mroom docker inspect web -a --json | jq -r '[.id, .inspect.Config.Image] | @tsv'",
	    NULL};
	const struct job_spec spec = {
	    .command = "mroom docker inspect",
	    .args = "CONTAINER... [-] | -",
	    .about = "Shows all that the engine knows of containers, as JSON.",
	    .script = SCRIPT,
	    .columns = columns,
	    .column_count = 3,
	    .chooses = true,
	    .needs_choice = true,
	    .examples = examples,
	    .prepare = prepare_inspect,
	};

	return job_main(&spec, argc, argv);
}

static int prepare_pull(struct job *job, char **operands, size_t count)
{
	list_add(&job->words, "pull");
	for (size_t i = 0; i < count; i++)
		list_add(&job->words, operands[i]);
	return count ? 0 : err_set(&job->err, STATUS_USAGE, "no image named");
}

int docker_pull(int argc, char **argv)
{
	static const struct out_column columns[] = {
	    {.name = "id"}, {.name = "image"}, {.name = "image_id"}};
	static const char *const examples[] = {
	    "mroom docker pull registry.example/app:2 -g production", NULL};
	const struct job_spec spec = {
	    .command = "mroom docker pull",
	    .args = "IMAGE...",
	    .complete = "images",
	    .about = "Pulls images from their registries.",
	    .script = SCRIPT,
	    .columns = columns,
	    .column_count = 3,
	    .examples = examples,
	    .prepare = prepare_pull,
	};

	return job_main(&spec, argc, argv);
}

static int prepare_doctor(struct job *job, char **operands, size_t count)
{
	(void)operands;
	list_add(&job->words, "doctor");
	return count ? err_set(&job->err, STATUS_USAGE, "targets are named with -w, -g or -a") : 0;
}

int docker_doctor(int argc, char **argv)
{
	static const struct out_column columns[] = {
	    {.name = "id"}, {.name = "check"}, {.name = "state"}, {.name = "text"}};
	static const char *const examples[] = {"mroom docker doctor -a", NULL};
	const struct job_spec spec = {
	    .command = "mroom docker doctor",
	    .args = "",
	    .about = "Says what a server lacks to run containers, and what to do about it.",
	    .script = SCRIPT,
	    .columns = columns,
	    .column_count = 4,
	    .examples = examples,
	    .prepare = prepare_doctor,
	};

	return job_main(&spec, argc, argv);
}
