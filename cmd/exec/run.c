/* A run from its options to its exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/exec/exec.h"
#include "cmd/exec/files.h"
#include "cmd/exec/gathered.h"
#include "cmd/exec/order.h"
#include "cmd/exec/prompt.h"
#include "lib/base/io.h"

static enum form form_for(const struct exec_args *args, int fd)
{
	if (args->json || (args->form && !strcmp(args->form, "json")))
		return FORM_JSON;
	if (args->form)
		return FORM_TSV;
	return isatty(fd) ? FORM_TERMINAL : FORM_PIPE;
}

/* A long line may take this much memory, less when many servers may each hold one. */
static size_t line_limit(const struct console *console, long fanout)
{
	int64_t limit = config_size(console->config, "exec", "line_limit");
	int64_t share = (int64_t)64 * 1024 * 1024 / (fanout > 0 ? fanout : 1);

	return (size_t)(share < 65536 ? 65536 : share < limit ? share : limit);
}

/* Live, in order, gathered, or live and gathered. */
void exec_choose_output(struct exec *exec)
{
	struct exec_args *args = &exec->args;

	if (args->normalize || args->diff)
		args->gather = true;
	exec->live = !args->gather || args->ordered || args->pass;
	if (args->gather && !args->pass) {
		exec->gather_out = gather_create();
		exec->gather_err = gather_create();
	} else if (args->ordered) {
		exec->order = order_create();
	}
}

void exec_forget_output(struct exec *exec)
{
	order_destroy(exec->order);
	gather_destroy(exec->gather_out);
	gather_destroy(exec->gather_err);
	exec->order = NULL;
	exec->gather_out = exec->gather_err = NULL;
}

/* What does not go together with --detach or --collect. */
static int check_detach(const struct exec *exec, char **words, struct err *err)
{
	const struct command_args *args = &exec->command_args;

	if (exec->detach.how == DETACH_BEGIN && args->script && exec->args.input)
		return err_set(err, STATUS_USAGE, "--detach takes --script or --stdin, not both");
	if (exec->detach.how == DETACH_COLLECT &&
	    (*words || args->script || args->dir || args->env.count || args->subst ||
	     exec->args.input))
		return err_set(err, STATUS_USAGE,
			       "--collect runs nothing: no command, and no input for it");
	return 0;
}

/* The command; of a detached one its title says where it is to be found. */
static int exec_command(struct exec *exec, struct console *console, char **words, struct err *err)
{
	char *collect[] = {"--collect", (char *)exec->command_args.collect, NULL};
	char *title;

	if (check_detach(exec, words, err) ||
	    command_open(&exec->command, &exec->command_args, console,
			 exec->detach.how == DETACH_COLLECT ? collect : words, err))
		return -1;
	if (exec->detach.how == DETACH_BEGIN) {
		title = exec->command.title;
		exec->command.title = detach_title(&exec->detach, title);
		free(title);
	}
	return 0;
}

/* A name that is none of exec's own. */
static int check_field(const char *name, struct err *err)
{
	static const char *const own[] = {"id", "stream", "data", "data_b64"};
	bool good = *name && text_is_utf8(name, strlen(name));

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		good = good && strcmp(name, own[i]) != 0;
	return good ? 0 : err_set(err, STATUS_USAGE, "--field: '%s' is no name for it", name);
}

/* All but the command. */
static int exec_prepare(struct exec *exec, const struct run_args *run_args, struct console *console,
			struct err *err)
{
	if (exec->args.field && check_field(exec->args.field, err))
		return -1;
	exec->out_form = form_for(&exec->args, STDOUT_FILENO);
	exec->err_form = form_for(&exec->args, STDERR_FILENO);
	exec->line_limit =
	    line_limit(console, run_args->fanout ? run_args->fanout
						 : config_int(console->config, "exec", "fanout"));
	exec_choose_output(exec);
	if (files_prepare(exec->args.outdir, err) || files_prepare(exec->args.errdir, err) ||
	    passing_parse(&exec->passing, exec->args.pass, err))
		return -1;
	if (exec->command_args.tty && exec->args.input)
		return err_set(
		    err, STATUS_USAGE,
		    "--tty and --stdin do not go together: a terminal changes what is sent");
	if (exec->command_args.raw && run_args->sudo)
		return err_set(err, STATUS_USAGE,
			       "--raw sends the command as it is: no --sudo with it");
	return exec->args.input ? input_open(exec->args.input, &exec->input_fd, err) : 0;
}

int exec_go(struct exec *exec, const struct run_args *run_args, const struct pick_args *targets,
	    struct err *err)
{
	struct err trouble = ERR_INIT;
	int status = run_go(exec->run, targets, NULL, 0, err);

	if (exec->gather_out && gathered_print(exec, &trouble)) {
		status = (int)status_worst((enum status)status, trouble.status);
		if (err->status == STATUS_OK)
			*err = trouble;
	}
	/* A target that turned out to be none does not hide what was done on others. */
	if (status != STATUS_USAGE || err->status == STATUS_OK || run_number(exec->run) > 0)
		run_summary(exec->run, stderr);
	if (exec->detach.begun > 0 && !run_args->quiet)
		fprintf(stderr, "%s: mroom exec --collect %lld\n",
			exec->detach.begun > 1 ? "they go on" : "it goes on",
			(long long)run_number(exec->run));
	return status;
}

static int exec_open(struct exec *exec, struct console *console, const char *title,
		     const struct run_args *run_args, struct err *err)
{
	bool feeding = exec->input_fd >= 0 || exec->detach.how == DETACH_BEGIN;

	exec->run = run_create(console, "exec", title, run_args,
			       feeding ? &task_feeding_handler : &task_handler, exec, err);
	return exec->run ? 0 : -1;
}

int exec_run(struct exec *exec, struct run_args *run_args, struct pick_args *targets, char **words,
	     struct err *err)
{
	struct console console = CONSOLE_INIT;
	bool asking = prompt_wanted(exec, words);
	int status = STATUS_USAGE;

	if (console_open(&console, err))
		goto out;
	targets->ssh_config = run_args->ssh_config;
	if (exec->args.input && !strcmp(exec->args.input, "-"))
		targets->stdin_taken = "--stdin -";
	if (detach_open(&exec->detach, &exec->command_args, &console, targets, err))
		goto out;
	if (targets->list)
		status = pick_list(console.store, targets, NULL, 0, PICK_ACT, err) ? (int)err->status
									    : STATUS_OK;
	else if (!exec_prepare(exec, run_args, &console, err) &&
		 (asking || !exec_command(exec, &console, words, err)) &&
		 !exec_open(exec, &console, asking ? "" : exec->command.title, run_args, err))
		status = asking ? prompt_run(exec, &console, run_args, targets, err)
				: exec_go(exec, run_args, targets, err);
out:
	if (err->status != STATUS_OK && status == STATUS_USAGE)
		status = err->status;
	run_destroy(exec->run);
	console_close(&console);
	return status;
}
