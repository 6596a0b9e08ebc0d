/*
 * mroom exec: a command on every server. command.c says what is run, task.c runs it on one server,
 * print.c shows what comes back, input.c feeds it, detach.c lets it go on without us, prompt.c asks
 * for one command after another, run.c holds it together.
 */
#ifndef MROOM_EXEC_EXEC_H
#define MROOM_EXEC_EXEC_H

#include <stdbool.h>
#include <sys/types.h>

#include "cmd/exec/command.h"
#include "cmd/exec/detach.h"
#include "cmd/exec/shape.h"
#include "lib/base/list.h"
#include "lib/flow/gather.h"
#include "lib/flow/lines.h"
#include "lib/flow/pile.h"
#include "lib/wire/passing.h"
#include "lib/wire/run.h"

struct exec_args {
	bool no_prefix;
	const char *pass;  /* --pass: "" or a list of outcomes */
	const char *input; /* --stdin FILE */
	const char *form;  /* -o */
	const char *field; /* --field */
	bool json;
	bool gather, ordered, normalize, diff;
	const char *outdir, *errdir;
};

struct exec {
	struct exec_args args;
	struct run *run;
	struct command_args command_args;
	struct command command;
	struct detach detach;
	size_t begun; /* servers so far */
	struct passing passing;
	enum form out_form, err_form;
	int input_fd; /* -1: none */
	size_t line_limit;
	bool live;				/* lines are shown as they come */
	struct order *order;			/* -L; NULL */
	struct gather *gather_out, *gather_err; /* -b; NULL */
};

/* One server's part of it. */
struct task {
	struct exec *exec;
	char *id;
	size_t number; /* in this run */
	struct lines out, err;
	off_t input_at;
	struct list names;		/* the server's, for --normalize */
	struct pile held_out, held_err; /* what is to be shown when its turn comes */
	struct pile heap_out, heap_err; /* what is gathered */
	int out_fd, err_fd;		/* --outdir, --errdir; -1: none */
	enum detach_step step;
	bool lost;	 /* detached, it left no exit status */
	struct buf line; /* to be detached */
	size_t line_at;
	bool closed;
};

/* run.c: the exit status. */
int exec_run(struct exec *exec, struct run_args *run_args, struct pick_args *targets, char **words,
	     struct err *err);
/* One command, from the first server to the summary: the exit status. Before it the output is
 * chosen, once for each command; what was chosen goes with exec_forget_output. */
int exec_go(struct exec *exec, const struct run_args *run_args, const struct pick_args *targets,
	    struct err *err);
void exec_choose_output(struct exec *exec);
void exec_forget_output(struct exec *exec);

/* task.c: what is done with a server; the other one where there is input for it. */
extern const struct fleet_handler task_handler, task_feeding_handler;
void task_free(struct task *task);

/* detach.c: a server is ready; a step on it has ended; the command and what it is to read. */
void detach_ready(struct task *task, struct session *session);
void detach_ended(struct task *task, struct session *session, const struct ending *ending);
size_t detach_input(struct task *task, char *into, size_t room, bool *end);

/* print.c: one line of a server's output, the record of how it ended. */
void print_line(struct task *task, enum stream stream, const struct line *line);
void print_ended(struct exec *exec, struct task *task, const char *id, const struct result *result);

/* input.c: opens FILE ("-": standard input) so that every server can read it from its start. */
int input_open(const char *path, int *fd, struct err *err);
size_t input_read(struct task *task, char *into, size_t room, bool *end);

#endif
