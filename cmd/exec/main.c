/* mroom exec: runs a command on every server and shows what comes back, line by line. */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "cmd/exec/exec.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

#define AT(field) offsetof(struct exec_args, field)

static const struct opt exec_opts[] = {
	{'N', "no-prefix", OPT_FLAG, AT(no_prefix), NULL, "print lines without the server's id", NULL, 0,
	 0, NULL},
	{0, "pass", OPT_MAYBE, AT(pass), "OUTCOMES",
	 "instead of output, print id, outcome, status and seconds of servers that ended so (ok)", NULL,
	 0, 0, "outcomes"},
	{0, "stdin", OPT_TEXT, AT(input), "FILE", "feed FILE to the command on every server (-: stdin)",
	 NULL, 0, 0, "file"},
	{'o', "output", OPT_CHOICE, AT(form), "FORM", "form of the output", "tsv|json", 0, 0, NULL},
	{0, "json", OPT_FLAG, AT(json), NULL, "same as -o json", NULL, 0, 0, NULL},
	{0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

static const char *const examples[] = {
	"mroom exec -w web-[01-12] -- uptime",
	"mroom inventory ls | grep web | mroom exec -- systemctl is-active nginx",
	"mroom exec -a --pass -- systemctl stop web | mroom exec -- systemctl start web",
	NULL,
};

static void *task_open(void *ctx, struct session *session)
{
	struct task *task = mem_zero(1, sizeof(*task));

	task->exec = ctx;
	task->id = mem_text(session_server(session)->id);
	lines_init(&task->out);
	lines_init(&task->err);
	return task;
}

static void task_ready(void *own, struct session *session)
{
	struct task *task = own;

	session_exec(session, task->exec->line, false);
}

static void task_out_line(void *ctx, const struct line *line)
{
	print_line(ctx, STREAM_OUT, line);
}

static void task_err_line(void *ctx, const struct line *line)
{
	print_line(ctx, STREAM_ERR, line);
}

static void task_output(void *own, struct session *session, enum stream stream, const char *bytes,
			size_t count)
{
	struct task *task = own;
	struct exec *exec = task->exec;
	struct err err = ERR_INIT;
	int rc = 0;

	(void)session;
	if (stream == STREAM_ERR)
		rc = lines_feed(&task->err, exec->line_limit, bytes, count, task_err_line, task, &err);
	else if (!exec->args.pass)
		rc = lines_feed(&task->out, exec->line_limit, bytes, count, task_out_line, task, &err);
	if (rc)
		run_fail(exec->run, &err);
}

static size_t task_input(void *own, struct session *session, char *into, size_t room, bool *end)
{
	(void)session;
	return input_read(own, into, room, end);
}

static void task_closed(void *ctx, void *own, const struct server *server,
			const struct result *result)
{
	struct task *task = own;

	if (task) {
		lines_end(&task->out, task_out_line, task);
		lines_end(&task->err, task_err_line, task);
		lines_finish(&task->out);
		lines_finish(&task->err);
		free(task->id);
		free(task);
	}
	print_ended(ctx, server->id, result);
}

static const struct fleet_handler handler = {
	.open = task_open,
	.ready = task_ready,
	.output = task_output,
	.closed = task_closed,
};

/* With --stdin; without it no server needs a buffer for input. */
static const struct fleet_handler feeding_handler = {
	.open = task_open,
	.ready = task_ready,
	.output = task_output,
	.input = task_input,
	.closed = task_closed,
};

/* Which outcomes --pass lets through. */
static int parse_pass(struct exec *exec, struct err *err)
{
	struct list words = LIST_INIT;
	enum outcome outcome;
	int rc = 0;

	if (!exec->args.pass)
		return 0;
	list_split(&words, *exec->args.pass ? exec->args.pass : "ok", ',');
	for (size_t i = 0; i < words.count && rc == 0; i++) {
		if (outcome_parse(words.at[i], &outcome))
			exec->passes[outcome] = true;
		else
			rc = err_set(err, STATUS_USAGE,
				     "--pass: '%s' is no outcome (ok failed timeout unreachable denied "
				     "hostkey cancelled skipped)",
				     words.at[i]);
	}
	list_finish(&words);
	return rc;
}

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

static int exec_prepare(struct exec *exec, const struct run_args *run_args,
			struct console *console, char **words, struct err *err)
{
	struct list list = LIST_INIT;

	for (; *words; words++)
		list_add(&list, *words);
	exec->line = list_join(&list, " ");
	list_finish(&list);
	exec->out_form = form_for(&exec->args, STDOUT_FILENO);
	exec->err_form = form_for(&exec->args, STDERR_FILENO);
	exec->line_limit = line_limit(console, run_args->fanout ? run_args->fanout
								 : config_int(console->config,
									      "exec", "fanout"));
	if (!*exec->line)
		return err_set(err, STATUS_USAGE, "no command given (try: mroom exec -w TARGETS -- COMMAND)");
	if (parse_pass(exec, err))
		return -1;
	return exec->args.input ? input_open(exec->args.input, &exec->input_fd, err) : 0;
}

static int exec_list(struct console *console, const struct pick_args *targets, struct err *err);

static int exec_run(struct exec *exec, struct run_args *run_args, struct pick_args *targets,
		    char **words, struct err *err)
{
	struct console console = CONSOLE_INIT;
	int status = STATUS_USAGE;

	if (console_open(&console, err))
		goto out;
	if (targets->list) {
		status = exec_list(&console, targets, err);
		goto out;
	}
	if (exec_prepare(exec, run_args, &console, words, err))
		goto out;
	exec->run = run_create(&console, "exec", exec->line, run_args,
			       exec->input_fd >= 0 ? &feeding_handler : &handler, exec, err);
	if (!exec->run)
		goto out;
	status = run_go(exec->run, targets, NULL, 0, err);
	if (status != STATUS_USAGE || err->status == STATUS_OK)
		run_summary(exec->run, stderr);
out:
	if (err->status != STATUS_OK && status == STATUS_USAGE)
		status = err->status;
	run_destroy(exec->run);
	console_close(&console);
	return status;
}

static int print_id(void *ctx, const struct server *server, struct err *err)
{
	(void)ctx;
	(void)err;
	printf("%s\n", server->id);
	return 0;
}

/* --list: what would be touched. */
static int exec_list(struct console *console, const struct pick_args *targets, struct err *err)
{
	struct pick *pick = pick_create(console->store, targets, NULL, 0, PICK_ACT, print_id, NULL, err);
	bool bad = !pick || pick_all(pick, err) || io_close_stdout(err);

	pick_destroy(pick);
	return bad ? (int)err->status : STATUS_OK;
}

int main(int argc, char **argv)
{
	struct exec exec = {.input_fd = -1};
	struct run_args run_args = {0};
	struct pick_args targets = {0};
	struct err err = ERR_INIT;
	struct opt_group groups[] = {
		{"Targets", pick_opts, &targets},
		{"Output", exec_opts, &exec.args},
		{"Connection", run_opts, &run_args},
	};
	struct opt_spec spec = {
		.command = "mroom exec",
		.args = "[-w TARGETS] [--] COMMAND [ARG...]",
		.about = "run a command on every server, with live output",
		.stop_at_operand = true,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.examples = examples,
	};
	int operands, status = STATUS_OK;

	secret_harden_process();
	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_RUN:
		status = exec_run(&exec, &run_args, &targets, argv + operands, &err);
		break;
	case OPT_BAD:
		status = STATUS_USAGE;
		break;
	default:
		break;
	}
	if (err.status != STATUS_OK)
		err_report(&err, "mroom exec");
	pick_args_finish(&targets);
	run_args_finish(&run_args);
	free(exec.line);
	if (exec.input_fd > STDERR_FILENO)
		close(exec.input_fd);
	return status;
}
