/* mroom docker compose: a file, rendered for each server, and the project that it describes. */
#include "cmd/docker/job.h"
#include "lib/room/project.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

#define AT(field) offsetof(struct compose_args, field)
#define FILE_MAX ((size_t)4 * 1024 * 1024)

struct compose_args {
	const char *verb; /* of compose.sh */
	bool sends;	  /* the file travels; else it only names the project */
	const char *name;
	int64_t wait_ms;
	bool upgrade, wait, volumes;
};

#define NAME_OPTION                                                                                \
	{                                                                                          \
		0, "name", OPT_TEXT, AT(name), "NAME", "the project's name (the file's)", NULL, 0, \
		    0, NULL                                                                        \
	}

static const struct opt name_opts[] = {NAME_OPTION, {.type = OPT_END}};
static const struct opt up_opts[] = {
    NAME_OPTION,
    {0, "upgrade", OPT_FLAG, AT(upgrade), NULL, "pull images, and make all containers anew", NULL,
     0, 0, NULL},
    {0, "wait", OPT_FLAG, AT(wait), NULL, "until all of it runs and is healthy", NULL, 0, 0, NULL},
    {0, "wait-timeout", OPT_TIME, AT(wait_ms), "TIME", "and no longer than that (60s)", NULL, 0, 0,
     NULL},
    {.type = OPT_END},
};
static const struct opt down_opts[] = {
    NAME_OPTION,
    {0, "volumes", OPT_FLAG, AT(volumes), NULL, "with its volumes, and what is in them", NULL, 0, 0,
     NULL},
    {.type = OPT_END},
};

static const struct out_column columns[] = {
    {.name = "id"}, {.name = "project"}, {.name = "result"}, {.name = "running"}};
static const struct out_column config_columns[] = {
    {.name = "id"}, {.name = "project"}, {.name = "config", .type = OUT_RAW}};

static int prepare(struct job *job, char **operands, size_t count)
{
	const struct compose_args *args = job->spec->into;
	char *name = NULL;

	if (count != 1)
		return err_set(&job->err, STATUS_USAGE, "one compose file is to be named");
	if (args->name && project_check(args->name, &job->err))
		return -1;
	name = args->name ? mem_text(args->name) : project_name(operands[0], &job->err);
	if (!name)
		return -1;
	list_add(&job->words, "compose");
	list_add(&job->words, args->verb);
	list_take(&job->words, name);
	list_add(&job->words, args->upgrade ? "yes" : "no");
	if (args->wait || args->wait_ms)
		list_take(&job->words,
			  mem_format("%lld", args->wait_ms
						 ? (long long)((args->wait_ms + 999) / 1000)
						 : 60LL));
	else
		list_add(&job->words, "");
	list_add(&job->words, args->volumes ? "yes" : "no");
	if (!args->sends)
		return 0;
	job->template_name = operands[0];
	return io_read_file(operands[0], FILE_MAX, &job->input, &job->err);
}

static int compose(struct compose_args *args, const char *about, const struct opt *opts,
		   const char *const *examples, int argc, char **argv)
{
	char *command = mem_format("mroom docker compose %s", args->verb);
	bool config = !strcmp(args->verb, "config");
	const struct job_spec spec = {
	    .command = command,
	    .args = "FILE",
	    .about = about,
	    .script = "engine.sh compose.sh call.sh",
	    .opts = opts,
	    .into = args,
	    .columns = config ? config_columns : columns,
	    .column_count = config ? 3 : 4,
	    .examples = examples,
	    .prepare = prepare,
	};
	int status = job_main(&spec, argc, argv);

	free(command);
	return status;
}

static int compose_up(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom docker compose up shop.yaml -g production --wait",
	    "mroom docker compose up shop.yaml -g production -f 4 --upgrade --wait", NULL};
	struct compose_args args = {.verb = "up", .sends = true};

	return compose(&args, "Puts a project's file in place, and has it run as the file says.",
		       up_opts, examples, argc, argv);
}

static int compose_down(int argc, char **argv)
{
	static const char *const examples[] = {"mroom docker compose down shop -g production",
					       NULL};
	struct compose_args args = {.verb = "down"};

	return compose(&args, "Stops and removes a project's containers; its file stays.",
		       down_opts, examples, argc, argv);
}

static int compose_pull(int argc, char **argv)
{
	static const char *const examples[] = {"mroom docker compose pull shop.yaml -g production",
					       NULL};
	struct compose_args args = {.verb = "pull", .sends = true};

	return compose(&args, "Pulls the images that a file names; nothing else changes.",
		       name_opts, examples, argc, argv);
}

static int compose_config(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom docker compose config shop.yaml -w web-01 --json | jq .config.services", NULL};
	struct compose_args args = {.verb = "config", .sends = true};

	return compose(&args, "Shows what a file comes to on each server; nothing changes.",
		       name_opts, examples, argc, argv);
}

static const struct verb verbs[] = {
    {"up", "put a file in place and run what it says", compose_up},
    {"down", "stop and remove a project's containers", compose_down},
    {"pull", "pull the images of a file", compose_pull},
    {"ps", "list a project's containers", docker_compose_ps},
    {"logs", "show what they say", docker_compose_logs},
    {"config", "show what a file comes to", compose_config},
};

int docker_compose(int argc, char **argv)
{
	return verb_main("mroom docker compose", "Projects of several containers.", verbs,
			 sizeof(verbs) / sizeof(*verbs), argc, argv);
}
