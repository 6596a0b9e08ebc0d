/* mroom docker ps: every container of every server; --drift: those that run something else than
 * most. */
#include "cmd/docker/job.h"
#include "lib/base/mem.h"
#include "lib/flow/record.h"

/* The fields of a line of the script's, and where the columns take them from. */
enum {
	LINE_ID,
	LINE_NAME,
	LINE_IMAGE,
	LINE_STATE,
	LINE_STATUS,
	LINE_PORTS,
	LINE_CREATED,
	LINE_IMAGE_ID,
	LINE_FIELDS
};

#define COLUMNS 10
static const struct out_column columns[COLUMNS] = {
    {.name = "id"},
    {.name = "container"},
    {.name = "image"},
    {.name = "state"},
    {.name = "health"},
    {.name = "status"},
    {.name = "ports"},
    {.name = "container_id", .hidden = true},
    {.name = "image_id", .hidden = true},
    {.name = "created", .hidden = true},
};
enum { COLUMN_IMAGE_ID = 8 };

struct ps_args {
	bool drift;
};

static const struct opt opts[] = {
    {.name = "drift",
     .type = OPT_FLAG,
     .offset = offsetof(struct ps_args, drift),
     .help =
	 "only containers whose image is another than that of most servers with one of that name"},
    {.type = OPT_END},
};

/* A row that waits until all are known, for --drift. */
struct held {
	char *values[COLUMNS];
};

struct ps {
	struct ps_args args; /* first: the options' struct */
	struct held *held;
	size_t count, cap;
};

static const char *health_of(const char *status)
{
	static const struct {
		const char *words, *health;
	} known[] = {{"(healthy)", "healthy"},
		     {"(unhealthy)", "unhealthy"},
		     {"(health: starting)", "starting"},
		     {"(starting)", "starting"}};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strstr(status, known[i].words))
			return known[i].health;
	return NULL;
}

static void hold(struct ps *ps, const char *const *values)
{
	if (ps->count == ps->cap) {
		ps->cap = ps->cap ? ps->cap * 2 : 64;
		ps->held = mem_resize(ps->held, ps->cap, sizeof(*ps->held));
	}
	for (size_t i = 0; i < COLUMNS; i++)
		ps->held[ps->count].values[i] = mem_text(values[i]);
	ps->count++;
}

static void line(struct job *job, const struct server *server, const struct record *record)
{
	struct ps *ps = job->spec->into;
	const char *fields[LINE_FIELDS] = {NULL};

	for (size_t i = 0; i < record->count && i < LINE_FIELDS; i++)
		fields[i] = record->fields[i].len ? record->fields[i].at : NULL;
	const char *values[COLUMNS] = {
	    server->id,
	    fields[LINE_NAME],
	    fields[LINE_IMAGE],
	    fields[LINE_STATE],
	    health_of(fields[LINE_STATUS] ? fields[LINE_STATUS] : ""),
	    fields[LINE_STATUS],
	    fields[LINE_PORTS],
	    fields[LINE_ID],
	    fields[LINE_IMAGE_ID],
	    fields[LINE_CREATED],
	};
	if (ps->args.drift)
		hold(ps, values);
	else
		out_row(job->out, values);
}

static int prepare(struct job *job, char **operands, size_t count)
{
	const struct ps *ps = job->spec->into;
	bool image_ids = ps->args.drift || out_wants(job->out, COLUMN_IMAGE_ID);

	(void)operands;
	(void)count;
	list_add(&job->words, "ps");
	list_add(&job->words, image_ids ? "yes" : "no");
	return 0;
}

/* The image that most servers run under each name of a container. */
static struct map *majorities(const struct ps *ps)
{
	struct map *counts = map_create(), *best = map_create();
	size_t *numbers = mem_zero(ps->count, sizeof(*numbers));

	for (size_t i = 0; i < ps->count; i++) {
		char **values = ps->held[i].values;
		const char *image = values[COLUMN_IMAGE_ID] ? values[COLUMN_IMAGE_ID] : "";
		char *key = mem_format("%s\n%s", values[1], image);
		size_t *number = map_get(counts, key), *most;

		if (!values[1]) {
			free(key);
			continue;
		}
		if (!number)
			map_set(counts, key, number = &numbers[i]);
		++*number;
		most = map_get(best, values[1]);
		if (!most || *number > *most)
			map_set(best, values[1], number);
		free(key);
	}
	/* From the count to the image it counts. */
	for (size_t i = 0; i < ps->count; i++)
		if (ps->held[i].values[1] && map_get(best, ps->held[i].values[1]) == &numbers[i])
			map_set(best, ps->held[i].values[1],
				ps->held[i].values[COLUMN_IMAGE_ID]
				    ? ps->held[i].values[COLUMN_IMAGE_ID]
				    : (char *)"");
	free(numbers);
	map_destroy(counts);
	return best;
}

static void finish(struct job *job)
{
	struct ps *ps = job->spec->into;
	struct map *best = majorities(ps);

	for (size_t i = 0; i < ps->count; i++) {
		char **values = ps->held[i].values;
		const char *image = values[COLUMN_IMAGE_ID] ? values[COLUMN_IMAGE_ID] : "";

		if (strcmp(image, map_get(best, values[1])) != 0)
			out_row(job->out, (const char *const *)values);
	}
	map_destroy(best);
	/* Only now: the majority's image is one of them. */
	for (size_t i = 0; i < ps->count; i++)
		for (size_t c = 0; c < COLUMNS; c++)
			free(ps->held[i].values[c]);
	free(ps->held);
}

static int list(const char *command, bool of_project, const char *const *examples, int argc,
		char **argv)
{
	struct ps ps = {.held = NULL};
	const struct job_spec spec = {
	    .command = command,
	    .args = of_project ? "FILE" : "[CONTAINER...] [-]",
	    .about = of_project ? "Lists a project's containers, running or not."
				: "Lists containers, running or not.",
	    .script = "engine.sh docker.sh",
	    .opts = opts,
	    .into = &ps,
	    .columns = columns,
	    .column_count = COLUMNS,
	    .chooses = true,
	    .of_project = of_project,
	    .examples = examples,
	    .prepare = prepare,
	    .line = line,
	    .finish = finish,
	};

	return job_main(&spec, argc, argv);
}

static const char *const examples[] = {
    "mroom docker ps -a --health unhealthy",
    "mroom docker ps 'web*' -g production",
    "mroom docker ps -a | awk -F'\\t' '$4 == \"exited\"' | mroom docker start -",
    NULL,
};

int docker_ps(int argc, char **argv)
{
	return list("mroom docker ps", false, examples, argc, argv);
}

int docker_compose_ps(int argc, char **argv)
{
	static const char *const of_project[] = {"mroom docker compose ps shop -g production",
						 NULL};

	return list("mroom docker compose ps", true, of_project, argc, argv);
}
