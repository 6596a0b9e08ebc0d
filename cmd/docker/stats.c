/* mroom docker stats: what containers use, once as records, or again and again on a terminal. */
#include "cmd/docker/stats.h"

#define AT(field) offsetof(struct stats_args, field)
#define EVERY_MS 3000

static const struct opt opts[] = {
    {.name = "once",
     .type = OPT_FLAG,
     .offset = AT(once),
     .help = "once, also on a terminal, where a table is kept up to date otherwise"},
    {.name = "every",
     .type = OPT_TIME,
     .offset = AT(every_ms),
     .arg = "TIME",
     .help = "on a terminal: ask the servers this often (3s)"},
    {.type = OPT_END},
};

static const struct out_column columns[STATS_COLUMNS] = {
    {.name = "id"},	      {.name = "container"},
    {.name = "cpu"},	      {.name = "memory"},
    {.name = "memory_share"}, {.name = "network"},
    {.name = "block"},	      {.name = "pids", .type = OUT_INT}};

static const char *const examples[] = {
    "mroom docker stats -a",
    "mroom docker stats -a --once | sort -t '\t' -k 3,3nr | head",
    NULL,
};

static int prepare(struct job *job, char **operands, size_t count)
{
	(void)operands;
	(void)count;
	list_add(&job->words, "stats");
	return 0;
}

static int go(struct job *job, const char *command)
{
	struct stats_args *args = job->spec->into;

	if (!args->every_ms)
		args->every_ms = EVERY_MS;
	return stats_wants_screen(job, args) ? stats_live(job, command, args)
					     : job_go(job, command);
}

int docker_stats(int argc, char **argv)
{
	struct stats_args args = {.once = false};
	const struct job_spec spec = {
	    .command = "mroom docker stats",
	    .args = "[CONTAINER...] [-]",
	    .about = "Shows what running containers use: kept up to date on a terminal.",
	    .script = "engine.sh docker.sh",
	    .opts = opts,
	    .into = &args,
	    .columns = columns,
	    .column_count = STATS_COLUMNS,
	    .chooses = true,
	    .examples = examples,
	    .prepare = prepare,
	    .go = go,
	};

	return job_main(&spec, argc, argv);
}
