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
	{'b', "gather", OPT_FLAG, AT(gather), NULL,
	 "show output at the end, equal outputs once, under the servers that said so", NULL, 0, 0, NULL},
	{'L', "ordered", OPT_FLAG, AT(ordered), NULL,
	 "show output in the order of the servers; with -b: as it comes, and gathered too", NULL, 0, 0,
	 NULL},
	{0, "normalize", OPT_FLAG, AT(normalize), NULL,
	 "as -b, with the servers' own names, addresses and times masked", NULL, 0, 0, NULL},
	{0, "diff", OPT_FLAG, AT(diff), NULL,
	 "as -b, but of each other output only how it differs from the most frequent one", NULL, 0, 0,
	 NULL},
	{0, "outdir", OPT_TEXT, AT(outdir), "DIR", "write each server's output to DIR/ID as well", NULL,
	 0, 0, "dir"},
	{0, "errdir", OPT_TEXT, AT(errdir), "DIR", "the same for standard error", NULL, 0, 0, "dir"},
	{'o', "output", OPT_CHOICE, AT(form), "FORM", "form of the output", "tsv|json", 0, 0, NULL},
	{0, "field", OPT_TEXT, AT(field), "NAME",
	 "with -o: what stands before a line's first TAB is a field of that name", NULL, 0, 0, NULL},
	{0, "json", OPT_FLAG, AT(json), NULL, "same as -o json", NULL, 0, 0, NULL},
	{0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

static const char *const examples[] = {
	"mroom exec -w web-[01-12] -- uptime",
	"mroom inventory ls | grep web | mroom exec -- systemctl is-active nginx",
	"mroom exec -a -b -- uname -r",
	"mroom exec -g web -b   (a prompt: line after line, over sessions that stay open)",
	"mroom exec -a --pass -- systemctl stop web | mroom exec -- systemctl start web",
	NULL,
};

int main(int argc, char **argv)
{
	struct exec exec = {.input_fd = -1};
	struct run_args run_args = {0};
	struct pick_args targets = {0};
	struct err err = ERR_INIT;
	struct opt_group groups[] = {
		{"Targets", pick_opts, &targets},
		{"Command", command_opts, &exec.command_args},
		{"Output", exec_opts, &exec.args},
		{"Policy", policy_opts, &run_args.policy},
		{"Connection", run_opts, &run_args},
	};
	struct opt_spec spec = {
		.command = "mroom exec",
		.args = "[-w TARGETS] [--] [COMMAND [ARG...]] | --script FILE [ARG...] | --collect RUN",
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
	case OPT_SHOWN:
		status = io_close_stdout(&err) ? STATUS_CONSOLE : STATUS_OK;
		break;
	case OPT_BAD:
		status = STATUS_USAGE;
		break;
	}
	if (err.status != STATUS_OK)
		err_report(&err, "mroom exec");
	pick_args_finish(&targets);
	run_args_finish(&run_args);
	command_close(&exec.command);
	detach_close(&exec.detach);
	list_finish(&exec.command_args.env);
	exec_forget_output(&exec);
	if (exec.input_fd > STDERR_FILENO)
		close(exec.input_fd);
	return status;
}
