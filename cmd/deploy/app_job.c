/*
 * The job that a server does with an application: the scripts, and what it was told; with the
 * bundle one tar stream. It goes on without the console, and is joined by whoever sends it again.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/app_rollout.h"
#include "cmd/deploy/deploy.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/wire/remote.h"
#include "lib/wire/transfer_tar.h"

#define LEASE_SECONDS "60"
#define SCRIPTS "engine.sh docker-run.sh compose.sh deploy-files.sh deploy-app.sh"

/* What a server's job came to. */
struct said {
	const char *id; /* where lines of the log are shown for; NULL: they are not */
	char *word, *rest;
};

static bool asks(const struct rollout *rollout)
{
	return !strcmp(rollout->verb, "status") || !strcmp(rollout->verb, "history");
}

static void write_job(struct rollout *rollout, const char *sum, long keep, struct buf *to)
{
	const char *const words[] = {rollout->verb, rollout->name, sum,
				     rollout->args.force ? "force" : ""};

	buf_text(to, rollout->head);
	buf_text(to, "\nrun_id=$2 from=${0%/*}\napp_main");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		buf_char(to, ' ');
		quote_word(to, words[i]);
	}
	buf_format(to, " %ld\n", keep);
}

/* Fills rollout->bundle. */
static int make_bundle(struct rollout *rollout, const struct server *server, struct err *err)
{
	const struct app *app =
	    rollout->apps ? apps_for(rollout->apps, rollout->name, server->tags, err) : NULL;
	struct buf job = BUF_INIT;
	char sum[65] = "";
	int rc = rollout->apps && !app ? -1 : 0;

	buf_wipe(&rollout->bundle);
	if (app) {
		size_t size = (app->secrets.count + 2) * (SECRET_MAX + 4096);

		/* It holds secrets, and is not to be moved about. */
		for (size_t i = 0; i < app->part_count; i++)
			size += app->parts[i].contents.len + 4096;
		buf_reserve(&rollout->bundle, size + (size_t)1024 * 1024);
		rc = app_bundle(app, &rollout->frame.console, server, &rollout->bundle, sum, err);
	}
	write_job(rollout, sum, app ? app->keep : 0, &job);
	app_put(&rollout->bundle, "job", job.at, job.len);
	app_put(&rollout->bundle, "end", "", 0);
	tar_end(&rollout->bundle);
	buf_finish(&job);
	return rc;
}

static int job_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	struct rollout *rollout = ctx;
	const char *const words[] = {"run",	    rollout->job,     rollout->frame.who,
				     LEASE_SECONDS, rollout->longest, "bundle"};

	if (make_bundle(rollout, server, err))
		return -1;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		list_add(args, words[i]);
	return 0;
}

/* Called right after the arguments were made, for the same server. */
static int job_input(void *ctx, const struct server *server, struct buf *input, struct err *err)
{
	struct rollout *rollout = ctx;

	(void)server;
	(void)err;
	buf_add(input, rollout->bundle.at, rollout->bundle.len);
	buf_wipe(&rollout->bundle);
	return 0;
}

/* --- what it says --- */

/* "WORD app:NAME REST" */
static void said_line(void *ctx, char *ours, const char *line, size_t size)
{
	struct said *said = ctx;
	char *word = ours, *stage, *rest;

	(void)line;
	(void)size;
	if (!ours)
		return;
	stage = strchr(word, ' ');
	rest = stage ? strchr(stage + 1, ' ') : NULL;
	if (stage)
		*stage = '\0';
	rest = rest ? rest + 1 : word + strlen(word);
	if (!strcmp(word, "log")) {
		if (said->id)
			report_said(said->id, rest);
	} else if (strcmp(word, "begin") != 0 && strcmp(word, "late") != 0) {
		free(said->word);
		free(said->rest);
		said->word = mem_text(word);
		said->rest = mem_text(rest);
	}
}

static void said_read(struct said *said, const struct buf *log)
{
	report_lines(log, said_line, said);
}

static void said_finish(struct said *said)
{
	free(said->word);
	free(said->rest);
}

static void job_judge(void *ctx, const struct answer *answer, int exit_status,
		      struct verdict *verdict)
{
	struct rollout *rollout = ctx;
	struct said said = {.id = NULL};

	if (frame_locked(&rollout->frame, exit_status, verdict))
		return;
	said_read(&said, &answer->out);
	if (exit_status != 0 && said.word && !strcmp(said.word, "failed"))
		snprintf(verdict->message, sizeof(verdict->message), "%s", said.rest);
	said_finish(&said);
}

static void job_row(struct rollout *rollout, const char *id, const char *result,
		    const char *version, const char *why)
{
	const char *values[] = {id, rollout->name, result, version, why};

	out_row(rollout->frame.out, values);
	out_flush(rollout->frame.out, &rollout->frame.trouble);
}

static void job_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct rollout *rollout = ctx;
	const char *id = answer->server->id;
	struct said said = {.id = id};

	said_read(&said, &answer->out);
	if (result->outcome != OUTCOME_OK || !said.word) {
		job_row(rollout, id, outcome_name(result->outcome), NULL, result->message);
	} else {
		bool removed = !strcmp(said.word, "removed");

		job_row(rollout, id, said.word, *said.rest ? said.rest : NULL, NULL);
		report_version(&rollout->frame.console, id, rollout->name,
			       removed ? NULL : said.rest, &rollout->frame.trouble);
		if (!strcmp(said.word, "changed"))
			list_add(&rollout->changed, id);
	}
	said_finish(&said);
}

static const struct deed job_deed = {
    .script = "detach.sh deploy-lease.sh deploy.sh",
    .limit = (size_t)16 * 1024 * 1024,
    .args = job_args,
    .input = job_input,
    .judge = job_judge,
    .done = job_done,
};

/* --- status and history: answered at once, by lines --- */

static int ask_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	const struct rollout *rollout = ctx;

	(void)server;
	(void)err;
	list_add(args, "app_main");
	list_add(args, rollout->verb);
	list_add(args, rollout->name);
	return 0;
}

/* Fields are TAB-separated: of history time, version, what; of status version, health, why. */
static void ask_line(struct rollout *rollout, const char *id, const char *line, size_t size)
{
	char *text = mem_text_n(line, size), *rest = text;
	char *first = strsep(&rest, "\t"), *second = strsep(&rest, "\t");

	if (!strcmp(rollout->verb, "history"))
		job_row(rollout, id, rest, second, first);
	else
		job_row(rollout, id, second, first, rest && *rest ? rest : NULL);
	free(text);
}

static void ask_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct rollout *rollout = ctx;
	const char *id = answer->server->id;

	if (result->outcome != OUTCOME_OK)
		job_row(rollout, id, outcome_name(result->outcome), NULL, result->message);
	for (const char *at = answer->out.at; result->outcome == OUTCOME_OK && *at;
	     at += strcspn(at, "\n") + (at[strcspn(at, "\n")] == '\n'))
		ask_line(rollout, id, at, strcspn(at, "\n"));
}

static const struct deed ask_deed = {
    .script = SCRIPTS " call.sh", .args = ask_args, .done = ask_done};

int app_do(struct rollout *rollout, const char *verb, char **ids, size_t count, struct err *err)
{
	char *line = mem_format("app %s %s", verb, rollout->name);
	int status = STATUS_CONSOLE;

	rollout->verb = verb;
	if (!rollout->head)
		rollout->head = remote_script(&rollout->frame.console.home, SCRIPTS, err);
	if (rollout->head)
		status = frame_deed(&rollout->frame, asks(rollout) ? &ask_deed : &job_deed, rollout,
				    line, true, ids, count, err);
	free(line);
	return status;
}
