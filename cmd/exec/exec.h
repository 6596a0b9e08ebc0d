/* mroom exec: a command on every server. exec.c runs it, print.c shows what comes back, input.c feeds it. */
#ifndef MROOM_EXEC_EXEC_H
#define MROOM_EXEC_EXEC_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/list.h"
#include "lib/flow/lines.h"
#include "lib/wire/run.h"

enum form {
	FORM_TERMINAL, /* "id: line", made visible */
	FORM_PIPE,     /* "id TAB line", verbatim */
	FORM_TSV,      /* "id TAB line", escaped */
	FORM_JSON
};

struct exec_args {
	bool no_prefix;
	const char *pass;  /* --pass: "" or a list of outcomes */
	const char *input; /* --stdin FILE */
	const char *form;  /* -o */
	bool json;
};

struct exec {
	struct exec_args args;
	struct run *run;
	char *line; /* the command as the servers get it */
	bool passes[OUTCOME_COUNT];
	enum form out_form, err_form;
	int input_fd; /* -1: none */
	size_t line_limit;
};

/* One server's part of it. */
struct task {
	struct exec *exec;
	char *id;
	struct lines out, err;
	off_t input_at;
};

/* print.c: one line of a server's output, the record of how it ended. */
void print_line(struct task *task, enum stream stream, const struct line *line);
void print_ended(struct exec *exec, const char *id, const struct result *result);

/* input.c: opens FILE ("-": standard input) so that every server can read it from its start. */
int input_open(const char *path, int *fd, struct err *err);
size_t input_read(struct task *task, char *into, size_t room, bool *end);

#endif
