/* get: what each server has, into a directory of its own. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/copy/copy.h"
#include "lib/base/mem.h"

#define AT(field) offsetof(struct copy_args, field)

static const struct opt get_opts[] = {
    {0, "quick", OPT_FLAG, AT(quick), NULL, "equal size and time mean equal contents", NULL, 0, 0,
     NULL},
    {0, "bwlimit", OPT_SIZE, AT(rate), "SIZE", "bytes a second, of all servers together", NULL, 0,
     0, NULL},
    {0, "sftp", OPT_FLAG, AT(sftp), NULL, "go over SFTP, even where the server has a shell", NULL,
     0, 0, NULL},
    {0, "pass", OPT_MAYBE, AT(pass), "OUTCOMES",
     "instead, print id, outcome, status and seconds of servers that ended so (ok)", NULL, 0, 0,
     "outcomes"},
    {0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

static const char *const examples[] = {
    "mroom copy get -w 'web*' /var/log/nginx logs",
    "mroom copy get -a --sudo /etc/ssh/sshd_config . && md5sum */sshd_config",
    NULL,
};

static char *get_dir(const struct copy *copy, const char *dir)
{
	const char *work = config_text(copy->console.config, "paths", "local_workspace");

	return *dir == '/' || !*work ? mem_text(dir) : mem_format("%s/%s", work, dir);
}

static int get_go(struct copy *copy, char **operands, size_t count, const char *line,
		  struct err *err)
{
	struct transfer_get_args args = {.rate = copy->args.rate,
					 .quick = copy->args.quick,
					 .sftp = copy->args.sftp,
					 .sudo = copy->run_args.sudo != NULL,
					 .done = report_got,
					 .ctx = copy};
	char *dir = NULL;
	int status = STATUS_USAGE;

	if (count != 2) {
		err_set(err, STATUS_USAGE, "expected what to fetch, and a directory here");
		goto out;
	}
	if (check_sftp(copy, err))
		goto out;
	args.source = operands[0];
	args.dir = dir = get_dir(copy, operands[1]);
	copy->get = transfer_get_create(&args, &copy->console, err);
	if (!copy->get || report_open(copy, true, err) ||
	    copy_run_create(copy, line, &transfer_get_handler, copy->get, err)) {
		status = (int)err->status;
		goto out;
	}
	transfer_get_begin(copy->get, copy->run);
	run_progress(copy->run, progress_say, copy);
	status = copy_run_go(copy, err);
out:
	run_destroy(copy->run);
	transfer_get_destroy(copy->get);
	free(dir);
	return status;
}

int copy_get(int argc, char **argv)
{
	struct copy copy = {.command = "mroom copy get", .console = CONSOLE_INIT};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &copy.targets},
	    {"Copy", get_opts, &copy.args},
	    {"Output", out_opts, &copy.form},
	    {"Connection", run_opts, &copy.run_args},
	};
	const struct opt_spec spec = {
	    .command = copy.command,
	    .args = "[-w TARGETS] SOURCE DIR",
	    .about = "Fetches SOURCE from servers into DIR/ID; only what differs travels.",
	    .operand_complete = "file",
	    .groups = groups,
	    .group_count = 4,
	    .examples = examples,
	};

	return copy_main(&copy, &spec, get_go, argc, argv);
}
