/* mroom docker logs, exec: what containers say, as it comes. That is mroom exec's work, so these
 * become it, with the same targets and connection. So does whatever is left to the engine's own
 * command line. */
#include "cmd/docker/job.h"
#include "cmd/docker/turn.h"
#include "lib/base/mem.h"
#include "lib/room/project.h"

#define AT(field) offsetof(struct live, field)

struct live {
	struct pick_args targets;
	struct run_args run;
	struct choice choice;
	bool follow, timestamps, json, no_prefix;
	const char *since, *grep, *form, *field;
	long tail;
	struct list words; /* what docker.sh is told */
};

static const struct opt logs_opts[] = {
    {0, "follow", OPT_FLAG, AT(follow), NULL, "go on with what comes, until ^C", NULL, 0, 0, NULL},
    {0, "since", OPT_TEXT, AT(since), "TIME",
     "no older than a time or a duration: 10m, 2026-01-31T12:00", NULL, 0, 0, NULL},
    {0, "tail", OPT_INT, AT(tail), "N", "the last N lines of each container", NULL, 1, 1000000000,
     NULL},
    {0, "grep", OPT_TEXT, AT(grep), "TEXT", "only lines that hold TEXT", NULL, 0, 0, NULL},
    {0, "timestamps", OPT_FLAG, AT(timestamps), NULL, "with the time of each line", NULL, 0, 0,
     NULL},
    {.type = OPT_END},
};

static const struct opt output_opts[] = {
    {'N', "no-prefix", OPT_FLAG, AT(no_prefix), NULL, "print lines without the server's id", NULL,
     0, 0, NULL},
    {'o', "output", OPT_CHOICE, AT(form), "FORM", "form of the output", "tsv|json", 0, 0, NULL},
    {0, "json", OPT_FLAG, AT(json), NULL, "same as -o json", NULL, 0, 0, NULL},
    {.type = OPT_END},
};

/* What mroom exec is told besides. */
static const struct opt field_opts[] = {
    {0, "field", OPT_TEXT, AT(field), "NAME", "", NULL, 0, 0, NULL},
    {.type = OPT_END},
};

static const struct opt none[] = {{.type = OPT_END}};

static void add_selector(struct list *words, const char *key, const char *value)
{
	if (value)
		list_take(words, mem_format("%s=%s", key, value));
}

/* What the engine makes of it is its own matter. */
static bool is_time(const char *text)
{
	return strspn(text, "0123456789") > 0 &&
	       strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzTZ:.+-") == strlen(text);
}

static int logs_words(struct live *live, char **operands, size_t count, struct err *err)
{
	struct list *words = &live->words;
	const struct choice *choice = &live->choice;

	if (!count && !choice->keyword && !choice->image && !choice->labels.count)
		return err_set(err, STATUS_USAGE,
			       "no container named (try: NAME, 'web*' or --label)");
	if (live->since && !is_time(live->since))
		return err_set(err, STATUS_USAGE,
			       "--since: '%s' is no time (such as 10m, 2026-01-31T12:00)",
			       live->since);
	if (live->form || live->json)
		live->field = "container";
	list_add(words, "logs");
	list_add(words, live->grep ? live->grep : "");
	list_add(words, live->field ? "yes" : "no");
	if (live->follow)
		list_add(words, "--follow");
	if (live->timestamps)
		list_add(words, "--timestamps");
	if (live->since)
		list_take(words, mem_format("--since=%s", live->since));
	if (live->tail)
		list_take(words, mem_format("--tail=%ld", live->tail));
	list_add(words, "--");
	for (size_t i = 0; i < count; i++)
		add_selector(words, "name", operands[i]);
	for (size_t i = 0; i < choice->labels.count; i++)
		add_selector(words, "label", choice->labels.at[i]);
	add_selector(words, "keyword", choice->keyword);
	add_selector(words, "image", choice->image);
	add_selector(words, "state", choice->state);
	add_selector(words, "health", choice->health);
	return 0;
}

/* The containers of a compose project. */
static int project_words(struct live *live, char **operands, size_t count, struct err *err)
{
	char *label;

	if (count != 1)
		return err_set(err, STATUS_USAGE, "one compose file is to be named");
	label = project_label(operands[0], err);
	if (!label)
		return -1;
	list_take(&live->choice.labels, label);
	return logs_words(live, operands, 0, err);
}

static int exec_words(struct live *live, char **operands, size_t count, struct err *err)
{
	if (count < 2)
		return err_set(err, STATUS_USAGE, "a container and a command are to be named");
	list_add(&live->words, "exec");
	for (size_t i = 0; i < count; i++)
		list_add(&live->words, operands[i]);
	return 0;
}

static int engine_words(struct live *live, char **operands, size_t count, struct err *err)
{
	if (!count)
		return err_set(err, STATUS_USAGE, "no command of the engine's behind --");
	list_add(&live->words, "engine");
	for (size_t i = 0; i < count; i++)
		list_add(&live->words, operands[i]);
	return 0;
}

struct live_spec {
	const char *command, *args, *about, *operand_complete;
	bool stop_at_operand;
	bool after_dashes; /* operands are the engine's, behind -- */
	const struct opt *opts, *choice;
	int (*words)(struct live *live, char **operands, size_t count, struct err *err);
	const char *const *examples;
};

static int live_main(const struct live_spec *spec, int argc, char **argv)
{
	struct live live = {.tail = 0};
	const struct opt_group shared[] = {
	    {"Targets", pick_opts, &live.targets},
	    {"Output", output_opts, &live},
	    {"Connection", run_opts, &live.run},
	    {NULL, field_opts, &live},
	};
	const struct opt_group groups[] = {
	    shared[0],
	    {"Containers", spec->choice, &live.choice},
	    {"Doing", spec->opts, &live},
	    shared[1],
	    shared[2],
	};
	const struct opt_spec options = {
	    .command = spec->command,
	    .args = spec->args,
	    .about = spec->about,
	    .operand_complete = spec->operand_complete,
	    .stop_at_operand = spec->stop_at_operand,
	    .groups = groups,
	    .group_count = sizeof(groups) / sizeof(*groups),
	    .examples = spec->examples,
	};
	struct err err = ERR_INIT;
	int operands, status = STATUS_OK;
	bool dashes;

	switch (opt_parse(&options, argc, argv, &operands, &dashes, &err)) {
	case OPT_RUN:
		if (spec->after_dashes && !dashes)
			err_set(&err, STATUS_USAGE,
				"a verb comes first, and the engine's own command behind --");
		else if (!spec->words(&live, argv + operands, (size_t)(argc - operands), &err))
			turn_into_exec(shared, 4, &live.words, &err);
		break;
	case OPT_SHOWN:
	case OPT_BAD:
		break;
	}
	if (err.status != STATUS_OK)
		status = err_report(&err, spec->command);
	pick_args_finish(&live.targets);
	run_args_finish(&live.run);
	list_finish(&live.choice.labels);
	list_finish(&live.words);
	return status;
}

int docker_logs(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom docker logs web -a --since 10m --grep ERROR",
	    "mroom docker logs 'worker-*' -g production --follow",
	    NULL,
	};
	const struct live_spec spec = {
	    .command = "mroom docker logs",
	    .args = "CONTAINER...",
	    .operand_complete = "containers",
	    .about = "Shows what containers say, of many servers at once.",
	    .opts = logs_opts,
	    .choice = choice_opts,
	    .words = logs_words,
	    .examples = examples,
	};

	return live_main(&spec, argc, argv);
}

int docker_compose_logs(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom docker compose logs shop -g production --follow", NULL};
	const struct live_spec spec = {
	    .command = "mroom docker compose logs",
	    .args = "FILE",
	    .operand_complete = "file",
	    .about = "Shows what a project's containers say.",
	    .opts = logs_opts,
	    .choice = choice_opts,
	    .words = project_words,
	    .examples = examples,
	};

	return live_main(&spec, argc, argv);
}

int docker_exec(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom docker exec -a db psql -U postgres -c 'select 1'", NULL};
	const struct live_spec spec = {
	    .command = "mroom docker exec",
	    .args = "CONTAINER COMMAND [ARG...]",
	    .operand_complete = "containers -",
	    .about = "Runs a command in a container of every server; its words arrive as they are.",
	    .stop_at_operand = true,
	    .opts = none,
	    .choice = none,
	    .words = exec_words,
	    .examples = examples,
	};

	return live_main(&spec, argc, argv);
}

int docker_engine(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom docker -a -- image prune --force",
	    "mroom docker -g production -- system df --format '{{.Type}} {{.Size}}'", NULL};
	const struct live_spec spec = {
	    .command = "mroom docker",
	    .args = "[OPTIONS] -- COMMAND [ARG...]",
	    .about = "Runs any command of the engine's on every server; its words arrive as they "
		     "are.",
	    .stop_at_operand = true,
	    .after_dashes = true,
	    .opts = none,
	    .choice = none,
	    .words = engine_words,
	    .examples = examples,
	};

	return live_main(&spec, argc, argv);
}
