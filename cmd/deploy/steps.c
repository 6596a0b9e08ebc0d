/*
 * A deployment in which the console has a part: stages that run here, hooks, restarts. Neighbouring
 * stages that need none of it are one step, a job on the servers. Servers that fail in a step are
 * out of those that follow.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"

/* A part of a step that runs on the console. */
struct part {
	struct deploy *deploy;
	const char *stage, *what; /* what: "pre", "post"; NULL: the stage itself */
	struct list well;
	bool failed;
};

static bool is_run(const struct deploy *deploy)
{
	return !strcmp(deploy->mode, "run");
}

/* Hooks and restarts are for run alone. */
static bool is_alone(const struct deploy *deploy, const struct stage *stage)
{
	return stage->local || (is_run(deploy) && (stage->reboots || stage->pre || stage->post));
}

bool steps_wanted(const struct deploy *deploy)
{
	bool wanted = false;

	for (size_t i = 0; i < deploy->stages.count; i++)
		wanted |= is_alone(deploy, &deploy->stages.at[i]);
	return wanted;
}

static void part_failed(struct part *part, const char *id, int status, const char *late,
			const struct buf *said)
{
	char last[400], *why;

	deed_last_line(said, last, sizeof(last));
	why = status == LOCAL_LATE ? mem_format("%s: %s", part->what, late)
	      : *last		   ? mem_format("%s: %s", part->what, last)
	      : status < 0	   ? mem_format("%s: killed", part->what)
				   : mem_format("%s: exit status %d", part->what, status);
	report_result(part->deploy, id, part->stage, "failed", why);
	free(why);
}

static void part_done(void *ctx, const struct server *server, int status, const struct buf *said)
{
	struct part *part = ctx;
	char message[512] = "", late[80];

	snprintf(late, sizeof(late), "still running after %s s; it was stopped",
		 part->deploy->longest);
	if (part->what && status != 0)
		part_failed(part, server->id, status, late, said);
	else if (!part->what)
		report_log(part->deploy, server, said, message, sizeof(message));
	if (status == 0) {
		list_add(&part->well, server->id);
		return;
	}
	part->failed = true;
	if (*message)
		fprintf(stderr, "%s: failed: %s\n", server->id, message);
	else if (!part->what) /* it came to no result of its own */
		report_result(part->deploy, server->id, part->stage, "failed",
			      status == LOCAL_LATE ? late : "it ended before it was done");
}

/* Keeps in deploy->going those for which it went well. */
static int part_go(struct deploy *deploy, const char *stage, const char *what, const char *program,
		   const struct list *ids, struct list *well, struct err *err)
{
	struct part part = {.deploy = deploy, .stage = stage, .what = what, .well = LIST_INIT};
	const char *argv[] = {program, stage, NULL};
	int rc = local_each(deploy, program ? argv : NULL, ids, part_done, &part, err);

	*well = part.well;
	return rc ? (int)err->status : part.failed ? STATUS_FAILED : STATUS_OK;
}

/* deploy->going, moved out of it. */
static struct list take_going(struct deploy *deploy)
{
	struct list going = deploy->going;

	deploy->going = (struct list)LIST_INIT;
	return going;
}

static int step_stage(struct deploy *deploy, struct err *err)
{
	const struct stage *stage = deploy->stages.at;
	struct list ids;
	int status;

	if (is_run(deploy) && stage->reboots)
		return reboot_go(deploy, stage->asked, err);
	ids = take_going(deploy);
	if (stage->local)
		status = part_go(deploy, stage->asked, NULL, NULL, &ids, &deploy->going, err);
	else
		status = job_go(deploy, true, ids.at, ids.count, err);
	list_finish(&ids);
	return status;
}

/* pre, the stage where that went well, and post wherever the stage was begun. */
static int step_hooked(struct deploy *deploy, struct err *err)
{
	const struct stage *stage = deploy->stages.at;
	struct list came = take_going(deploy), well = LIST_INIT, passed = LIST_INIT;
	int status = STATUS_OK, one;

	if (stage->pre) {
		status = part_go(deploy, stage->asked, "pre", stage->pre, &came, &well, err);
		list_finish(&came);
		came = well;
	}
	for (size_t i = 0; i < came.count; i++)
		list_add(&deploy->going, came.at[i]);
	deploy->results = map_create();
	if (came.count > 0) {
		one = step_stage(deploy, err);
		status = (int)status_worst((enum status)status, (enum status)one);
	}
	if (stage->post && status != STATUS_INTERRUPTED) {
		struct list did = take_going(deploy);

		one = part_go(deploy, stage->asked, "post", stage->post, &came, &passed, err);
		status = (int)status_worst((enum status)status, (enum status)one);
		for (size_t i = 0; i < did.count; i++)
			if (list_has(&passed, did.at[i]))
				list_add(&deploy->going, did.at[i]);
		list_finish(&did);
	}
	map_destroy(deploy->results);
	deploy->results = NULL;
	list_finish(&came);
	list_finish(&passed);
	return status;
}

static int step_go(struct deploy *deploy, struct err *err)
{
	const struct stage *stage = deploy->stages.at;

	return is_run(deploy) && (stage->pre || stage->post) ? step_hooked(deploy, err)
							     : step_stage(deploy, err);
}

/* How many stages from `from` on, in the order of the deployment, are one step. */
static size_t step_size(const struct deploy *deploy, const struct stages *all, size_t from,
			bool undo)
{
	size_t size = 0;

	while (from + size < all->count) {
		size_t at = undo ? all->count - 1 - from - size : from + size;

		if (is_alone(deploy, &all->at[at]))
			return size > 0 ? size : 1;
		size++;
	}
	return size;
}

int steps_go(struct deploy *deploy, char **operands, size_t count, struct err *err)
{
	const struct stages all = deploy->stages;
	bool undo = !strcmp(deploy->mode, "undo");
	int status = STATUS_OK;

	if (frame_collect(&deploy->frame, operands, count, &deploy->going, err))
		return (int)err->status;
	for (size_t i = 0; deploy->frame.targets.list && i < deploy->going.count; i++)
		printf("%s\n", deploy->going.at[i]);
	if (deploy->frame.targets.list)
		return STATUS_OK;
	for (size_t from = 0, size; from < all.count && deploy->going.count > 0; from += size) {
		int one;

		size = step_size(deploy, &all, from, undo);
		deploy->stages.at = all.at + (undo ? all.count - from - size : from);
		deploy->stages.count = size;
		deploy_id(deploy);
		one = step_go(deploy, err);
		status = (int)status_worst((enum status)status, (enum status)one);
		if (one == STATUS_INTERRUPTED || one == STATUS_CONSOLE)
			break;
	}
	deploy->stages = all;
	return status;
}
