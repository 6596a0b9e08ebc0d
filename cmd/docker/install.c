/* mroom docker install: the deployment stage of that name, with the same targets and connection. */
#include "cmd/docker/job.h"
#include "cmd/docker/turn.h"

int docker_install(int argc, char **argv)
{
	static const char *const examples[] = {"mroom docker install @production", NULL};
	struct pick_args targets = {.list = false};
	struct run_args run = {.quiet = false};
	struct out_args form = {.json = false};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &targets},
	    {"Output", out_opts, &form},
	    {"Connection", run_opts, &run},
	};
	const struct opt_spec spec = {
	    .command = "mroom docker install",
	    .args = "[TARGETS]",
	    .about = "Brings the engine and compose to servers: mroom deploy run -s docker.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 3,
	    .examples = examples,
	};
	struct list stage = LIST_INIT, operands = LIST_INIT;
	struct err err = ERR_INIT;
	int first, status = STATUS_OK;

	list_add(&stage, "run");
	list_add(&stage, "--stages=docker");
	if (opt_parse(&spec, argc, argv, &first, NULL, &err) == OPT_RUN) {
		for (int i = first; i < argc; i++)
			list_add(&operands, argv[i]);
		turn_into("mroom-deploy", &stage, groups, 3, &operands, &err);
	}
	if (err.status != STATUS_OK)
		status = err_report(&err, spec.command);
	list_finish(&stage);
	list_finish(&operands);
	pick_args_finish(&targets);
	run_args_finish(&run);
	return status;
}
