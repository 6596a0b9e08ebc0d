/* The stage reboot: a server is restarted, and asked for its boot id until it has another. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

#define NAP_MAX 10
#define DEADLINE_MAX 86400 /* where the settings know none */

struct reboot {
	struct deploy *deploy;
	const char *stage;
	const char *verb;  /* restart, back */
	char seconds[24];  /* the deadline */
	struct map *boots; /* the boot id before, by server */
	struct list away;  /* restarted, and not back yet */
};

static int reboot_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	const struct reboot *reboot = ctx;
	const char *boot = map_get(reboot->boots, server->id);

	(void)err;
	list_add(args, reboot->verb);
	list_add(args, reboot->deploy->id);
	list_add(args, boot ? boot : reboot->deploy->frame.who);
	list_add(args, reboot->seconds);
	return 0;
}

static void restart_judge(void *ctx, const struct answer *answer, int exit_status,
			  struct verdict *verdict)
{
	struct reboot *reboot = ctx;

	(void)answer;
	frame_locked(&reboot->deploy->frame, exit_status, verdict);
}

static void restart_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct reboot *reboot = ctx;

	if (result->outcome == OUTCOME_OK) {
		map_set(reboot->boots, answer->server->id,
			mem_text_n(answer->out.at, strcspn(answer->out.at, "\n")));
		list_add(&reboot->away, answer->server->id);
	} else {
		const char *values[] = {answer->server->id, reboot->stage,
					outcome_name(result->outcome), result->message};

		out_row(reboot->deploy->frame.out, values);
	}
}

static void back_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct reboot *reboot = ctx;

	if (result->outcome != OUTCOME_OK || strcmp(answer->out.at, "back\n") != 0) {
		list_add(&reboot->away, answer->server->id);
		return;
	}
	report_result(reboot->deploy, answer->server->id, reboot->stage, "changed", "");
	list_add(&reboot->deploy->going, answer->server->id);
}

static const struct deed restart_deed = {.script = "deploy-lease.sh deploy-reboot.sh",
					 .args = reboot_args,
					 .judge = restart_judge,
					 .done = restart_done};
static const struct deed back_deed = {
    .script = "deploy-lease.sh deploy-reboot.sh", .silent = true, .args = reboot_args, .done = back_done};

static int ask(struct reboot *reboot, const char *verb, const struct list *ids, struct err *err)
{
	const struct pick_args none = {.all = false};
	const bool back = !strcmp(verb, "back");
	char *line = mem_format("run %s (%s)", reboot->stage, verb);
	const struct deed_call call = {.tool = "deploy",
				       .command = line,
				       .run_args = &reboot->deploy->frame.run_args,
				       .targets = &none,
				       .operands = ids->at,
				       .operand_count = ids->count};
	int status;

	reboot->verb = verb;
	status = deed_go(&reboot->deploy->frame.console, back ? &back_deed : &restart_deed, reboot,
			 &call, err);
	free(line);
	return status;
}

/* Asks those that are away, more and more seldom, until the deadline. */
static int wait_for_all(struct reboot *reboot, struct err *err)
{
	int64_t deadline = clock_mono_ms() + strtoll(reboot->seconds, NULL, 10) * 1000;
	long retries = reboot->deploy->frame.run_args.policy.retries;
	int status = STATUS_OK;

	reboot->deploy->frame.run_args.policy.retries = 0; /* that is what this is */

	for (unsigned nap = 1; reboot->away.count > 0 && clock_mono_ms() < deadline;) {
		struct list ids = reboot->away;

		reboot->away = (struct list)LIST_INIT;
		sleep(nap);
		nap = nap * 2 < NAP_MAX ? nap * 2 : NAP_MAX;
		status = ask(reboot, "back", &ids, err);
		list_finish(&ids);
		if (status == STATUS_INTERRUPTED || status == STATUS_CONSOLE ||
		    status == STATUS_USAGE)
			break;
		status = STATUS_OK;
	}
	reboot->deploy->frame.run_args.policy.retries = retries;
	return status;
}

static void tell_missing(struct reboot *reboot)
{
	char *why = mem_format("no new boot id within %s s", reboot->seconds);

	for (size_t i = 0; i < reboot->away.count; i++)
		report_result(reboot->deploy, reboot->away.at[i], reboot->stage, "failed", why);
	free(why);
}

int reboot_go(struct deploy *deploy, const char *stage, struct err *err)
{
	struct reboot reboot = {.deploy = deploy, .stage = stage, .boots = map_create()};
	struct list ids = deploy->going;
	int status, waited;
	const char *id;
	void *boot;

	deploy->going = (struct list)LIST_INIT;
	snprintf(reboot.seconds, sizeof(reboot.seconds), "%s", deploy->longest);
	if (!strcmp(reboot.seconds, "0"))
		snprintf(reboot.seconds, sizeof(reboot.seconds), "%d", DEADLINE_MAX);
	if (deploy->frame.run_args.ask_password || deploy->frame.run_args.ask_sudo) {
		status = STATUS_USAGE;
		err_set(err, STATUS_USAGE,
			"stage %s: servers are asked more than once (try: --password-file)", stage);
		goto out;
	}
	status = ask(&reboot, "restart", &ids, err);
	waited = wait_for_all(&reboot, err);
	status = (int)status_worst((enum status)status, (enum status)waited);
	if (waited == STATUS_OK && reboot.away.count > 0) {
		tell_missing(&reboot);
		status = (int)status_worst((enum status)status, STATUS_FAILED);
	}
out:
	for (size_t at = 0; map_next(reboot.boots, &at, &id, &boot);)
		free(boot);
	map_destroy(reboot.boots);
	list_finish(&reboot.away);
	list_finish(&ids);
	return status;
}
