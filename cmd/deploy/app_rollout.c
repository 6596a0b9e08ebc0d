/* Application after application, canary, then batch after batch, until one fails. */
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/app_rollout.h"

/* What was said on the command line goes first, then the application, [deployment], the settings.
 */
struct pace {
	long retries, workers;
	int64_t timeout_ms;
};

/* A server that dies with its job is another rollout's: the name tells rollout, application and
 * way. */
static void name_job(struct rollout *rollout, size_t app, const char *way)
{
	snprintf(rollout->job, sizeof(rollout->job), "%s-%zu%s", rollout->saved.id, app, way);
}

static int rollout_back(struct rollout *rollout, size_t app, struct err *err)
{
	struct apps *apps = rollout->apps;
	struct list ids = rollout->changed;
	int status;

	rollout->changed = (struct list)LIST_INIT;
	rollout->apps = NULL;
	name_job(rollout, app, "-back");
	status = app_do(rollout, "rollback", ids.at, ids.count, err);
	rollout->apps = apps;
	list_finish(&ids);
	return status;
}

static int rollout_batches(struct rollout *rollout, size_t app, struct err *err)
{
	const struct app_args *args = &rollout->args;
	size_t at = 0, count = rollout->ids.count;
	int status = STATUS_OK;

	list_finish(&rollout->changed);
	name_job(rollout, app, "");
	while (status == STATUS_OK && at < count) {
		long size = at == 0 && args->canary ? args->canary : args->batch;
		size_t now = size > 0 && (size_t)size < count - at ? (size_t)size : count - at;

		status = app_do(rollout, "run", rollout->ids.at + at, now, err);
		at += now;
	}
	if (at < count)
		fprintf(stderr, "mroom deploy app: stopped: %zu servers were not begun\n",
			count - at);
	if (status != STATUS_OK && status != STATUS_INTERRUPTED && args->rollback &&
	    !strcmp(args->rollback, "all") && rollout->changed.count > 0) {
		int back = rollout_back(rollout, app, err);

		status = (int)status_worst((enum status)status, (enum status)back);
	}
	return status;
}

static void set_pace(struct rollout *rollout, const struct pace *said, const struct app *app)
{
	struct run_args *run_args = &rollout->frame.run_args;
	int64_t timeout_ms = said->timeout_ms ? said->timeout_ms
			     : app->timeout_ms
				 ? app->timeout_ms
				 : config_time(rollout->frame.console.config, "deploy", "timeout");

	run_args->policy.retries = said->retries ? said->retries : app->retries;
	run_args->fanout = said->workers ? said->workers : app->workers;
	frame_pace(&rollout->frame);
	/* The job watches its own time, on the server. */
	run_args->command_timeout_ms = 0;
	snprintf(rollout->longest, sizeof(rollout->longest), "%lld",
		 (long long)(timeout_ms + 999) / 1000);
}

static int rollout_all(struct rollout *rollout, struct err *err)
{
	const struct run_args *run_args = &rollout->frame.run_args;
	const struct pace said = {run_args->policy.retries, run_args->fanout,
				  run_args->command_timeout_ms};
	int status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < rollout->apps->names.count; i++) {
		const struct app *app =
		    apps_for(rollout->apps, rollout->apps->names.at[i], NULL, err);

		if (!app)
			return (int)err->status;
		rollout->name = app->name;
		set_pace(rollout, &said, app);
		status = rollout_batches(rollout, i, err);
	}
	return status;
}

int rollout_file(struct rollout *rollout, const char *path, struct err *err)
{
	struct apps apps;
	int status = STATUS_USAGE;

	if (apps_read(&apps, path, err) == 0) {
		rollout->apps = &apps;
		if (rollout->resumed && strcmp(rollout->saved.sum, apps.sum) != 0)
			err_set(err, STATUS_USAGE,
				"%s, or a file that it names, is another by now (try: mroom "
				"deploy app %s)",
				path, path);
		else if (rollout->resumed || saved_begin(rollout, err) == 0)
			status = rollout_all(rollout, err);
		else
			status = (int)err->status;
		if (status != STATUS_INTERRUPTED)
			saved_end(&rollout->saved);
	} else {
		status = (int)err->status;
	}
	rollout->apps = NULL;
	apps_finish(&apps);
	return status;
}
