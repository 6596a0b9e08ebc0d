#include "cmd/deploy/frame.h"

#include <stdlib.h>
#include <unistd.h>

#define LOCKED 75 /* of deploy.sh and deploy-reboot.sh */

static void say_who(struct frame *frame)
{
	const char *user = getenv("USER");
	char host[128] = "";

	gethostname(host, sizeof(host) - 1);
	snprintf(frame->who, sizeof(frame->who), "%s@%s, process %ld", user ? user : "mroom", host,
		 (long)getpid());
}

static int frame_go(struct frame *frame, const struct frame_spec *spec, char **operands,
		    size_t count, struct err *err)
{
	int status;

	if (console_open(&frame->console, err))
		return (int)err->status;
	say_who(frame);
	frame->out = out_create(stdout, &frame->form, spec->columns, spec->column_count, err);
	if (!frame->out)
		return (int)err->status;
	status = spec->go(spec->ctx, operands, count, err);
	if (frame->locked)
		status = (int)status_worst((enum status)status, STATUS_POLICY);
	if (out_finish(frame->out, &frame->trouble) || frame->trouble.status != STATUS_OK) {
		status = (int)status_worst((enum status)status, STATUS_CONSOLE);
		if (err->status == STATUS_OK)
			*err = frame->trouble;
	}
	frame->out = NULL;
	return status;
}

int frame_main(struct frame *frame, const struct frame_spec *spec, int argc, char **argv)
{
	struct opt_group groups[5];
	struct opt_spec options = {
	    .command = spec->command,
	    .args = spec->args,
	    .about = spec->about,
	    .operand_complete = spec->complete,
	    .groups = groups,
	    .examples = spec->examples,
	};
	struct err err = ERR_INIT;
	int operands, status = STATUS_OK;

	/* First: what a verb calls --to is meant, and no position in a room. */
	if (spec->title)
		groups[options.group_count++] =
		    (struct opt_group){spec->title, spec->opts, spec->into};
	groups[options.group_count++] = (struct opt_group){"Targets", pick_opts, &frame->targets};
	groups[options.group_count++] = (struct opt_group){"Output", out_opts, &frame->form};
	if (!spec->local)
		groups[options.group_count++] =
		    (struct opt_group){"Connection", run_opts, &frame->run_args};
	if (spec->retries)
		groups[options.group_count++] =
		    (struct opt_group){"Policy", retry_opts, &frame->run_args.policy};
	secret_harden_process();
	switch (opt_parse(&options, argc, argv, &operands, NULL, &err)) {
	case OPT_RUN:
		frame->targets.ssh_config = frame->run_args.ssh_config;
		status = frame_go(frame, spec, argv + operands, (size_t)(argc - operands), &err);
		break;
	case OPT_BAD:
		status = STATUS_USAGE;
		break;
	default:
		break;
	}
	if (err.status != STATUS_OK)
		err_report(&err, spec->command);
	console_close(&frame->console);
	pick_args_finish(&frame->targets);
	run_args_finish(&frame->run_args);
	return status;
}

void frame_pace(struct frame *frame)
{
	const struct config *config = frame->console.config;

	if (!frame->run_args.policy.retries)
		frame->run_args.policy.retries = config_int(config, "deploy", "retries");
	if (!frame->run_args.fanout)
		frame->run_args.fanout = config_int(config, "deploy", "workers");
}

static int add_id(void *ctx, const struct server *server, struct err *err)
{
	(void)err;
	list_add(ctx, server->id);
	return 0;
}

int frame_collect(struct frame *frame, char **operands, size_t count, struct list *ids,
		  struct err *err)
{
	struct pick *pick = pick_create(frame->console.store, &frame->targets, operands, count,
					PICK_ACT, add_id, ids, err);
	int rc = pick ? pick_all(pick, err) : -1;

	pick_destroy(pick);
	return rc;
}

int frame_deed(struct frame *frame, const struct deed *deed, void *ctx, const char *command,
	       bool named, char **operands, size_t count, struct err *err)
{
	const struct pick_args none = {.all = false};
	const struct deed_call call = {.tool = "deploy",
				       .command = command,
				       .run_args = &frame->run_args,
				       .targets = named ? &none : &frame->targets,
				       .operands = operands,
				       .operand_count = count};

	return deed_go(&frame->console, deed, ctx, &call, err);
}

bool frame_locked(struct frame *frame, int exit_status, struct verdict *verdict)
{
	if (exit_status != LOCKED)
		return false;
	/* The refusal is the lease's: a policy, not a failure of the server's. */
	verdict->outcome = OUTCOME_SKIPPED;
	verdict->reason = "locked";
	frame->locked = true;
	return true;
}
