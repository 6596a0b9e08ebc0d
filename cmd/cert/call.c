#include "cmd/cert/call.h"

bool call_begin(struct call *call, const struct opt_spec *about, const struct opt_group *own,
		size_t own_count, int argc, char **argv)
{
	struct opt_group groups[5];
	struct opt_spec spec = *about;
	int operands;

	spec.groups = groups;
	spec.group_count = 0;
	groups[spec.group_count++] = (struct opt_group){"Targets", pick_opts, &call->picked};
	for (size_t i = 0; i < own_count; i++)
		groups[spec.group_count++] = own[i];
	groups[spec.group_count++] = (struct opt_group){"Output", out_opts, &call->form};
	groups[spec.group_count++] = (struct opt_group){"Connection", run_opts, &call->run_args};
	spec.args = "[TARGETS]";
	spec.operand_complete = "targets";
	if (cert_parse(&spec, argc, argv, &operands, &call->err) < 1)
		return false;
	call->operands = argv + operands;
	call->count = (size_t)(argc - operands);
	call->picked.ssh_config = call->run_args.ssh_config;
	return console_open(&call->console, &call->err) == 0;
}

bool call_listed(struct call *call)
{
	if (!call->picked.list)
		return false;
	pick_list(call->console.store, &call->picked, call->operands, call->count, PICK_ACT,
		  &call->err);
	return true;
}

bool call_works(struct call *call, const char *name)
{
	if (call_listed(call))
		return false;
	work_init(&call->work, &call->console, &call->run_args, name);
	return true;
}

int call_end(struct call *call, const char *command)
{
	work_finish(&call->work);
	console_close(&call->console);
	pick_args_finish(&call->picked);
	run_args_finish(&call->run_args);
	return cert_exit(command, call->status, &call->err);
}
