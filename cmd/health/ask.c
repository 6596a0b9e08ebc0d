/* What all verbs do the same way: options, console, targets, the end. */
#include <stdio.h>

#include "cmd/health/health.h"
#include "lib/base/io.h"

enum opt_result ask_begin(struct ask *ask, const struct ask_spec *spec, int argc, char **argv)
{
	struct opt_group groups[4] = {{"Targets", pick_opts, &ask->targets}};
	struct opt_spec options = {
	    .command = spec->command,
	    .args = spec->args,
	    .about = spec->about,
	    .operand_complete = spec->complete ? spec->complete : "targets",
	    .groups = groups,
	    .group_count = 1,
	    .examples = spec->examples,
	};
	enum opt_result result;
	int operands;

	if (spec->opts)
		groups[options.group_count++] =
		    (struct opt_group){"Health", spec->opts, spec->into};
	groups[options.group_count++] =
	    (struct opt_group){"Output", spec->form_opts ? spec->form_opts : out_opts, &ask->form};
	if (spec->touches)
		groups[options.group_count++] =
		    (struct opt_group){"Connection", run_opts, &ask->run};
	secret_harden_process();
	result = opt_parse(&options, argc, argv, &operands, NULL, &ask->err);
	if (result != OPT_RUN)
		return result;
	ask->operands = argv + operands;
	ask->operand_count = (size_t)(argc - operands);
	ask->targets.ssh_config = ask->run.ssh_config;
	return console_open(&ask->console, &ask->err) ? OPT_BAD : OPT_RUN;
}

int ask_end(struct ask *ask, const struct ask_spec *spec, int status)
{
	if (ask->err.status != STATUS_OK) {
		err_report(&ask->err, spec->command);
		if (status != STATUS_INTERRUPTED)
			status = HEALTH_UNKNOWN;
	}
	console_close(&ask->console);
	pick_args_finish(&ask->targets);
	run_args_finish(&ask->run);
	return status;
}

static int each(struct ask *ask, enum pick_mode mode, pick_fn *fn, void *ctx)
{
	struct pick *pick = pick_create(ask->console.store, &ask->targets, ask->operands,
					ask->operand_count, mode, fn, ctx, &ask->err);
	int result = pick ? pick_all(pick, &ask->err) : -1;

	pick_destroy(pick);
	return result;
}

int ask_list(struct ask *ask, enum pick_mode mode)
{
	return pick_list(ask->console.store, &ask->targets, ask->operands, ask->operand_count, mode,
			 &ask->err)
		   ? HEALTH_UNKNOWN
		   : HEALTH_OK;
}

int ask_gather(struct ask *ask, pick_fn *fn, void *ctx)
{
	return each(ask, PICK_ACT, fn, ctx);
}

int ask_each(struct ask *ask, pick_fn *fn, void *ctx)
{
	return each(ask, PICK_SHOW, fn, ctx);
}

int ask_deed(struct ask *ask, const struct deed *deed, void *ctx, const char *command)
{
	const struct deed_call call = {"health",      command,	     &ask->run,
				       &ask->targets, ask->operands, ask->operand_count};
	int status;

	if (!ask->run.command_timeout_ms)
		ask->run.command_timeout_ms = config_time(ask->console.config, "health", "timeout");
	status = deed_go(&ask->console, deed, ctx, &call, &ask->err);
	if (status == STATUS_INTERRUPTED)
		return status;
	return ask->err.status != STATUS_OK || status == STATUS_CONSOLE ? HEALTH_UNKNOWN
									: HEALTH_OK;
}
