/* run, plan, resume and undo: one deed, four ways. */
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/mem.h"

#define LEASE_SECONDS "60"

static const struct opt stage_opts[] = {
    {.letter = 's',
     .name = "stages",
     .type = OPT_TEXT,
     .offset = offsetof(struct deploy, stage_list),
     .arg = "LIST",
     .help = "stages, in this order (the setting deploy.stages)",
     .complete = "stages"},
    {.type = OPT_END},
};

static int run_deed_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	const struct deploy *deploy = ctx;

	(void)server;
	(void)err;
	list_add(args, deploy->mode);
	list_add(args, deploy->id);
	list_add(args, deploy->frame.who);
	list_add(args, deploy->lease);
	list_add(args, deploy->longest);
	list_add(args, "");
	return 0;
}

static int run_deed_input(void *ctx, const struct server *server, struct buf *input,
			  struct err *err)
{
	const struct deploy *deploy = ctx;

	(void)err;
	if (strcmp(deploy->mode, "resume") != 0)
		job_write(input, deploy, server);
	return 0;
}

static void run_deed_judge(void *ctx, const struct answer *answer, int exit_status,
			   struct verdict *verdict)
{
	struct deploy *deploy = ctx;
	char message[512] = "";

	report_log(deploy, answer->server, &answer->out, message, sizeof(message));
	if (!frame_locked(&deploy->frame, exit_status, verdict) && exit_status != 0 && *message)
		snprintf(verdict->message, sizeof(verdict->message), "%s", message);
}

static void run_deed_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct deploy *deploy = ctx;

	if (result->outcome == OUTCOME_OK)
		list_add(&deploy->going, answer->server->id);
}

static const struct deed run_deed = {
    .script = "detach.sh deploy-lease.sh deploy.sh",
    .limit = (size_t)16 * 1024 * 1024,
    .args = run_deed_args,
    .input = run_deed_input,
    .judge = run_deed_judge,
    .done = run_deed_done,
};

void deploy_id(struct deploy *deploy)
{
	unsigned char noise[8];

	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(deploy->id, sizeof(deploy->id), noise, sizeof(noise));
}

static int prepare(struct deploy *deploy, struct err *err)
{
	const struct console *console = &deploy->frame.console;
	struct run_args *run_args = &deploy->frame.run_args;

	deploy_id(deploy);
	snprintf(deploy->lease, sizeof(deploy->lease), "%s", LEASE_SECONDS);
	snprintf(deploy->longest, sizeof(deploy->longest), "%lld",
		 (long long)(run_args->command_timeout_ms
				 ? run_args->command_timeout_ms
				 : config_time(console->config, "deploy", "timeout")) /
		     1000);
	/* The job watches its own time, on the server. */
	run_args->command_timeout_ms = 0;
	frame_pace(&deploy->frame);
	deploy->head = remote_script(&console->home, "deploy-job.sh", err);
	deploy->settings = deploy->head ? job_settings(console, err) : NULL;
	if (!deploy->settings)
		return -1;
	return strcmp(deploy->mode, "resume") != 0
		   ? stages_find(&deploy->stages, console, deploy->stage_list, err)
		   : 0;
}

int job_go(struct deploy *deploy, bool named, char **operands, size_t count, struct err *err)
{
	char *line = mem_format("%s %s", deploy->command + strlen("mroom deploy "),
				deploy->stage_list ? deploy->stage_list : "");
	int status =
	    frame_deed(&deploy->frame, &run_deed, deploy, line, named, operands, count, err);

	free(line);
	return status;
}

static int deploy_go(void *ctx, char **operands, size_t count, struct err *err)
{
	struct deploy *deploy = ctx;

	if (prepare(deploy, err))
		return (int)err->status;
	return steps_wanted(deploy) ? steps_go(deploy, operands, count, err)
				    : job_go(deploy, false, operands, count, err);
}

static int deploy_main(struct deploy *deploy, const char *about, const char *const *examples,
		       int argc, char **argv)
{
	const struct frame_spec spec = {
	    .command = deploy->command,
	    .args = "[TARGETS]",
	    .about = about,
	    .complete = "targets",
	    .examples = examples,
	    .title = strcmp(deploy->mode, "resume") ? "Stages" : NULL,
	    .opts = stage_opts,
	    .into = deploy,
	    .retries = true,
	    .columns = report_columns,
	    .column_count = report_column_count,
	    .go = deploy_go,
	    .ctx = deploy,
	};
	int status = frame_main(&deploy->frame, &spec, argc, argv);

	stages_finish(&deploy->stages);
	free(deploy->head);
	free(deploy->settings);
	list_finish(&deploy->going);
	return status;
}

int deploy_run(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom deploy run @production", "mroom deploy run -s cert,docker,env 'web*'",
	    "mroom deploy run -s package:nginx,user:deploy -a", NULL};
	struct deploy deploy = {.command = "mroom deploy run", .mode = "run"};

	return deploy_main(&deploy, "Brings servers through stages; what is so already stays.",
			   examples, argc, argv);
}

int deploy_plan(int argc, char **argv)
{
	static const char *const examples[] = {"mroom deploy plan @production", NULL};
	struct deploy deploy = {.command = "mroom deploy plan", .mode = "plan"};

	return deploy_main(&deploy, "Tells what run would do, and why; changes nothing.", examples,
			   argc, argv);
}

int deploy_resume(int argc, char **argv)
{
	static const char *const examples[] = {"mroom deploy resume @production", NULL};
	struct deploy deploy = {.command = "mroom deploy resume", .mode = "resume"};

	return deploy_main(&deploy,
			   "Collects the last deployment of servers, waiting for what still runs.",
			   examples, argc, argv);
}

int deploy_undo(int argc, char **argv)
{
	static const char *const examples[] = {"mroom deploy undo -s yacht web-07", NULL};
	struct deploy deploy = {.command = "mroom deploy undo", .mode = "undo"};

	return deploy_main(&deploy, "Takes stages back, the last one first.", examples, argc, argv);
}
