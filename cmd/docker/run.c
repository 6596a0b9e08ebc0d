/* mroom docker run: a container as it should be, on every server. What it should be is told as
 * options of the engine's; docker-run.sh compares, creates, replaces. */
#include <sodium.h>

#include "cmd/docker/job.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/container.h"

#define AT(field) offsetof(struct run_spec, field)
#define ENV_MAX ((size_t)1 << 20)

static const struct out_column columns[] = {
    {.name = "id"}, {.name = "container"}, {.name = "result"}, {.name = "gap_ms", .type = OUT_INT}};

struct run_spec {
	const char *name, *network, *env_file;
	struct list env;
	int64_t wait_ms;
	bool replace;
	struct container container;
};

static const struct opt opts[] = {
    {0, "name", OPT_TEXT, AT(name), "NAME", "what the container is called", NULL, 0, 0, NULL},
    {0, "replace", OPT_FLAG, AT(replace), NULL, "replace a container of that name that differs",
     NULL, 0, 0, NULL},
    {0, "wait", OPT_TIME, AT(wait_ms), "TIME", "how long it may take to get well (60s)", NULL, 0, 0,
     NULL},
    {0, "volume", OPT_LIST, AT(container.volumes), "VOLUME:TARGET[:ro]", "mount a named volume",
     NULL, 0, 0, NULL},
    {0, "bind", OPT_LIST, AT(container.binds), "SOURCE:TARGET[:ro]",
     "mount a file or directory of the server", NULL, 0, 0, NULL},
    {0, "publish", OPT_LIST, AT(container.ports), "[ADDRESS:]PORT:PORT", "publish a port", NULL, 0,
     0, NULL},
    {0, "network", OPT_TEXT, AT(network), "NAME", "join this network, created when missing", NULL,
     0, 0, NULL},
    {0, "env", OPT_LIST, AT(env), "NAME=VALUE", "set a variable; secrets go through --env-file",
     NULL, 0, 0, NULL},
    {0, "env-file", OPT_TEXT, AT(env_file), "FILE", "variables, a NAME=VALUE a line (mode 0600)",
     NULL, 0, 0, "file"},
    {0, "restart", OPT_TEXT, AT(container.restart), "POLICY",
     "when it is started again (unless-stopped)", NULL, 0, 0, NULL},
    {0, "log-size", OPT_TEXT, AT(container.log_size), "SIZE",
     "rotate its log at this size (as configured)", NULL, 0, 0, NULL},
    {0, "log-files", OPT_INT, AT(container.log_files), "N", "rotated logs kept (as configured)",
     NULL, 1, 1000, NULL},
    {0, "health-cmd", OPT_TEXT, AT(container.health), "COMMAND", "what tells whether it is well",
     NULL, 0, 0, NULL},
    {0, "set-label", OPT_LIST, AT(container.labels), "KEY=VALUE", "give it a label", NULL, 0, 0,
     NULL},
    {0, "as-user", OPT_TEXT, AT(container.user), "USER", "run as this user in the container", NULL,
     0, 0, NULL},
    {0, "init", OPT_FLAG, AT(container.init), NULL,
     "an init process in front, which passes signals on", NULL, 0, 0, NULL},
    {0, "engine-option", OPT_LIST, AT(container.options), "OPTION",
     "any other option of docker create", NULL, 0, 0, NULL},
    {.type = OPT_END},
};

/* The environment goes through standard input into a file that is removed at once. */
static int add_environment(struct job *job, const struct run_spec *run)
{
	job->has_input = true;
	for (size_t i = 0; i < run->env.count; i++) {
		if (!strchr(run->env.at[i], '=') || strchr(run->env.at[i], '\n'))
			return err_set(&job->err, STATUS_USAGE,
				       "--env wants NAME=VALUE, of one line");
		buf_format(&job->input, "%s\n", run->env.at[i]);
	}
	return run->env_file ? io_read_secret(run->env_file, ENV_MAX, &job->input, &job->err) : 0;
}

/* What the container is to be, in one number: a label on it says whether it is so already. */
static char *digest(const struct job *job, const struct list *words, const char *network)
{
	unsigned char hash[16];
	char text[33];
	struct buf all = BUF_INIT;

	for (size_t i = 0; i < words->count; i++)
		buf_add(&all, words->at[i], strlen(words->at[i]) + 1);
	if (network)
		buf_format(&all, "network %s%c", network, 0);
	buf_add(&all, job->input.at, job->input.len);
	crypto_generichash(hash, sizeof(hash), (unsigned char *)all.at, all.len, NULL, 0);
	sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
	buf_wipe(&all);
	return mem_text(text);
}

/* What engines take for a name; it is to be the container's own, and so of two characters at least.
 */
static bool is_name(const char *text)
{
	static const char all[] =
	    "_.-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return *text && strspn(text, all) == strlen(text) && strspn(text, all + 3) > 0 && text[1];
}

static int prepare(struct job *job, char **operands, size_t count)
{
	const struct run_spec *run = job->spec->into;
	struct list words = LIST_INIT;
	int result = -1;

	if (!count || !run->name) {
		err_set(&job->err, STATUS_USAGE, "%s",
			count ? "the container needs a --name" : "no image named");
		goto out;
	}
	if (!is_name(run->name)) {
		err_set(&job->err, STATUS_USAGE,
			"--name: '%s' is no name for a container: two or more of letters, digits, "
			"_ . and -, a letter or digit first",
			run->name);
		goto out;
	}
	if (container_options(&run->container, job->console.config, &words, &job->err) ||
	    add_environment(job, run))
		goto out;
	list_add(&words, "--");
	for (size_t i = 1; i < count; i++)
		list_add(&words, operands[i]);
	list_add(&job->words, "run");
	list_add(&job->words, run->name);
	list_take(&job->words, digest(job, &words, run->network));
	list_add(&job->words, run->replace ? "yes" : "no");
	list_take(&job->words,
		  mem_format("%lld", (long long)(run->wait_ms ? (run->wait_ms + 999) / 1000 : 60)));
	list_add(&job->words, run->network ? run->network : "");
	list_add(&job->words, operands[0]);
	for (size_t i = 0; i < words.count; i++)
		list_add(&job->words, words.at[i]);
	result = 0;
out:
	list_finish(&words);
	return result;
}

static const char *const examples[] = {
    "mroom docker run --name web --publish 80:80 --replace -g production registry.example/web:2",
    "mroom docker run --name db --volume data:/var/lib/postgresql/data --env-file db.env -w db-01 "
    "postgres:16",
    NULL,
};

int docker_run(int argc, char **argv)
{
	struct run_spec run = {.name = NULL};
	const struct job_spec spec = {
	    .command = "mroom docker run",
	    .args = "--name NAME IMAGE [COMMAND [ARG...]]",
	    .complete = "images -",
	    .about = "Has a container run as it should. One that is so already is left alone; one "
		     "that differs is replaced "
		     "with --replace, and serves again should the new one not get well.",
	    .script = "engine.sh docker-run.sh call.sh",
	    .opts = opts,
	    .into = &run,
	    .columns = columns,
	    .column_count = 4,
	    .stop_at_operand = true,
	    .examples = examples,
	    .prepare = prepare,
	    .tells_why = true,
	};
	int status = job_main(&spec, argc, argv);

	list_finish(&run.env);
	container_finish(&run.container);
	return status;
}
