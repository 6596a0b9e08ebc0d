/* What put, sync and get share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/copy/copy.h"
#include "lib/base/quote.h"

/* One line for the journal; caller frees. */
static char *copy_line(const char *command, char **operands, size_t count)
{
	struct buf line = BUF_INIT;

	buf_text(&line, command + strlen("mroom copy "));
	for (size_t i = 0; i < count; i++) {
		buf_char(&line, ' ');
		quote_word(&line, operands[i]);
	}
	return buf_detach(&line);
}

int check_sftp(const struct copy *copy, struct err *err)
{
	if (copy->args.sftp && copy->run_args.sudo)
		return err_set(err, STATUS_USAGE, "--sftp and --sudo: SFTP cannot become another user");
	return 0;
}

int copy_run_create(struct copy *copy, const char *line, const struct fleet_handler *handler,
		    void *transfer, struct err *err)
{
	copy->run = run_create(&copy->console, "copy", line, &copy->run_args, handler, transfer,
			       err);
	return copy->run ? 0 : -1;
}

int copy_run_go(struct copy *copy, struct err *err)
{
	int status = run_go(copy->run, &copy->targets, NULL, 0, err);

	if (report_close(copy, err))
		status = (int)status_worst((enum status)status, err->status);
	if (status != STATUS_USAGE || err->status == STATUS_OK)
		run_summary(copy->run, stderr);
	return status;
}

static int go_with_console(struct copy *copy, copy_verb *go, char **operands, size_t count,
			   struct err *err)
{
	char *line = copy_line(copy->command, operands, count);
	int status;

	copy->targets.ssh_config = copy->run_args.ssh_config;
	if (console_open(&copy->console, err))
		status = (int)err->status;
	else if (copy->targets.list)
		status = pick_list(copy->console.store, &copy->targets, NULL, 0, PICK_ACT, err)
			     ? (int)err->status
			     : STATUS_OK;
	else
		status = go(copy, operands, count, line, err);
	free(line);
	console_close(&copy->console);
	return status;
}

int copy_main(struct copy *copy, const struct opt_spec *spec, copy_verb *go, int argc, char **argv)
{
	struct err err = ERR_INIT;
	int operands, status = STATUS_OK;

	secret_harden_process();
	switch (opt_parse(spec, argc, argv, &operands, NULL, &err)) {
	case OPT_RUN:
		status = go_with_console(copy, go, argv + operands, (size_t)(argc - operands),
					 &err);
		break;
	case OPT_BAD:
		status = STATUS_USAGE;
		break;
	default:
		break;
	}
	if (err.status != STATUS_OK)
		err_report(&err, copy->command);
	pick_args_finish(&copy->targets);
	run_args_finish(&copy->run_args);
	return status;
}
