/* app: rolls applications out, in batches when asked, and goes back where they fail. */
#include "cmd/deploy/app.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/deploy/app_rollout.h"
#include "cmd/deploy/deploy.h"
#include "lib/base/mem.h"

#define COMMAND "mroom deploy app"
#define AT(field) offsetof(struct app_args, field)

static const struct opt app_opts[] = {
    {0, "force", OPT_FLAG, AT(force), NULL, "also where that version already runs", NULL, 0, 0,
     NULL},
    {0, "canary", OPT_INT, AT(canary), "N", "so many servers first, and alone", NULL, 1, 65535,
     NULL},
    {0, "batch", OPT_INT, AT(batch), "N", "then so many at a time; a batch that fails is the last",
     NULL, 1, 65535, NULL},
    {0, "rollback", OPT_CHOICE, AT(rollback), "WHAT",
     "where a server fails, what goes back to the version before", "failed|all", 0, 0, NULL},
    {0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

static const struct out_column columns[] = {{"id", OUT_TEXT, false},
					    {"app", OUT_TEXT, false},
					    {"result", OUT_TEXT, false},
					    {"version", OUT_TEXT, false},
					    {"why", OUT_TEXT, false}};

/* resume: what is to be done again is found, and done by deploy_app once this is over. */
static int find_saved(struct rollout *rollout, struct err *err)
{
	int found = saved_load(&rollout->saved, &rollout->frame.console.home, err);

	if (found < 0)
		return (int)err->status;
	if (found == 0)
		fputs("nothing to resume: no rollout from this console was cut short\n", stderr);
	else if (chdir(rollout->saved.cwd))
		return err_sys(err, STATUS_CONSOLE, errno, "%s", rollout->saved.cwd),
		       (int)err->status;
	rollout->again = found == 1;
	return STATUS_OK;
}

/* rollback, status, history, remove. */
static int look_after(struct rollout *rollout, const char *verb, const char *name, struct err *err)
{
	unsigned char noise[8];
	char id[33];

	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(id, sizeof(id), noise, sizeof(noise));
	snprintf(rollout->job, sizeof(rollout->job), "%s", id);
	snprintf(rollout->longest, sizeof(rollout->longest), "%lld",
		 (long long)config_time(rollout->frame.console.config, "deploy", "timeout") / 1000);
	frame_pace(&rollout->frame);
	rollout->name = name;
	return app_do(rollout, verb, rollout->ids.at, rollout->ids.count, err);
}

static int app_go(void *ctx, char **operands, size_t count, struct err *err)
{
	static const char *const verbs[] = {"status", "rollback", "history", "remove"};
	struct rollout *rollout = ctx;
	const char *verb = NULL;
	size_t used;

	if (count == 1 && !strcmp(operands[0], "resume"))
		return find_saved(rollout, err);
	for (size_t i = 0; count > 0 && i < 4; i++)
		if (!strcmp(operands[0], verbs[i]))
			verb = verbs[i];
	if (count == 0 || (verb && count == 1))
		return err_set(err, STATUS_USAGE,
			       "missing: FILE.ini; or status, rollback, history or "
			       "remove and an application's name; or resume"),
		       (int)STATUS_USAGE;
	used = verb ? 2 : 1;
	if (!rollout->resumed &&
	    frame_collect(&rollout->frame, operands + used, count - used, &rollout->ids, err))
		return (int)err->status;
	for (size_t i = 0; rollout->resumed && i < rollout->saved.ids.count; i++)
		list_add(&rollout->ids, rollout->saved.ids.at[i]);
	for (size_t i = 0; rollout->frame.targets.list && i < rollout->ids.count; i++)
		printf("%s\n", rollout->ids.at[i]);
	if (rollout->frame.targets.list || rollout->ids.count == 0)
		return STATUS_OK;
	return verb ? look_after(rollout, verb, operands[1], err)
		    : rollout_file(rollout, operands[0], err);
}

static int app_once(struct rollout *rollout, int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom deploy app shop.ini @production",
	    "mroom deploy app shop.ini --canary 1 --batch 10 --rollback all @production",
	    "mroom deploy app status shop @production",
	    "mroom deploy app rollback shop web-07",
	    "mroom deploy app resume",
	    NULL};
	const struct frame_spec spec = {
	    .command = COMMAND,
	    .args = "FILE.ini [TARGETS] | status|rollback|history|remove NAME [TARGETS] | resume",
	    .about = "Rolls applications out, and back where they fail.",
	    .complete = "file targets ; status|rollback|history|remove apps targets ; resume| -",
	    .examples = examples,
	    .title = "Rollout",
	    .opts = app_opts,
	    .into = &rollout->args,
	    .retries = true,
	    .columns = columns,
	    .column_count = 5,
	    .go = app_go,
	    .ctx = rollout,
	};
	int status;

	rollout->argc = argc;
	rollout->argv = argv;
	status = frame_main(&rollout->frame, &spec, argc, argv);
	buf_wipe(&rollout->bundle);
	list_finish(&rollout->ids);
	list_finish(&rollout->changed);
	free(rollout->head);
	return status;
}

int deploy_app(int argc, char **argv)
{
	struct rollout rollout = {.bundle = BUF_INIT, .saved = {.fd = -1}};
	int status = app_once(&rollout, argc, argv);

	if (rollout.again) {
		struct rollout second = {
		    .bundle = BUF_INIT, .saved = rollout.saved, .resumed = true};
		struct list words = LIST_INIT;

		/* Parsing puts them in another order: what is saved stays. */
		for (size_t i = 0; i < second.saved.argv.count; i++)
			list_add(&words, second.saved.argv.at[i]);
		list_take(&words, NULL);
		status = app_once(&second, (int)words.count - 1, words.at);
		list_finish(&words);
		rollout.saved = second.saved;
	}
	saved_finish(&rollout.saved);
	return status;
}
