/*
 * One typed option table is the truth about a command: the parser, --help, --list-options (what
 * completion reads) and the manual-page check all derive from it.
 *
 * Options come in groups, each a constant table plus the struct its values go to, so that targets,
 * connection and output options are written once and shared by every tool. Text values point into
 * argv; OPT_LIST values are owned by the list.
 */
#ifndef MROOM_BASE_OPT_H
#define MROOM_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/base/list.h"

enum opt_type {
	OPT_END = 0, /* ends a table */
	OPT_FLAG,    /* bool */
	OPT_COUNT,   /* int: how often */
	OPT_INT,     /* long, min..max; both 0: any number from 0 up */
	OPT_TEXT,    /* const char *; the last one wins */
	OPT_LIST,    /* struct list; each use appends its whole value */
	OPT_TIME,    /* int64_t ms: 10s 500ms 2m; a bare number is seconds */
	OPT_SIZE,    /* int64_t bytes */
	OPT_CHOICE,  /* const char *, one of `choices` */
	OPT_MAYBE    /* const char *: "" for --name alone, else the value of --name=VALUE */
};

struct opt {
	char letter;	  /* 0: none */
	const char *name; /* long name; NULL: none */
	enum opt_type type;
	size_t offset;	      /* of the value in the group's struct */
	const char *arg;      /* what help calls the value: LIST, FILE, N (choices go before it) */
	const char *help;     /* one line, no full stop */
	const char *choices;  /* OPT_CHOICE: "a|b|c" */
	long min, max;	      /* OPT_INT */
	const char *complete; /* what completion offers: targets rooms file dir columns ... */
};

struct opt_group {
	const char *title; /* heading in --help */
	const struct opt *opts;
	void *into;
};

struct opt_spec {
	const char *command; /* "mroom exec" */
	const char *args;    /* operands as help shows them: "[TARGETS]", "-- COMMAND [ARG...]" */
	const char *about;   /* one line */
	/* What completion offers for operands, or NULL: a kind for each, `;` between forms. */
	const char *operand_complete;
	bool stop_at_operand;	      /* the first operand ends options, as in ssh */
	const struct opt_group *groups;
	size_t group_count;
	const char *const *examples; /* NULL-ended, or NULL */
};

enum opt_result {
	OPT_RUN,   /* go on */
	OPT_SHOWN, /* --help or --list-options was answered on standard output: exit 0 */
	OPT_BAD	   /* err is set */
};

/*
 * Parses argv[1..]: -abc, -f10, -f 10, --name=V, --name V. Operands are moved behind the options,
 * in order; *operands is the index of the first in argv (argc when there is none), *saw_dashes (may
 * be NULL) whether "--" ended the options. "-" is an operand. --help (-h too, where no table uses
 * the letter) and --list-options are answered when they are met. An error names the option as it
 * was written; an unknown option names the nearest known one. On OPT_BAD and OPT_SHOWN argv is as
 * it was.
 */
enum opt_result opt_parse(const struct opt_spec *spec, int argc, char **argv, int *operands,
			  bool *saw_dashes, struct err *err);

void opt_help(const struct opt_spec *spec, FILE *to);
/*
 * One line per option: letter TAB name TAB type TAB arg TAB complete-or-choices TAB help. Type is
 * flag, count, int, text, list, time, size, choice or maybe; what is missing is empty. Where
 * operands can be completed a last line follows, without letter and name, of type "operand".
 */
void opt_list(const struct opt_spec *spec, FILE *to);

/* Appends the words that would set the values of the group, for a tool that becomes another with the
 * same options. A value that is 0 or NULL needs none. */
void opt_words(const struct opt_group *group, struct list *words);

/* A verb of a tool. run gets argv with argv[0] the verb, and returns the exit status. */
struct verb {
	const char *name;
	const char *about;
	int (*run)(int argc, char **argv);
};

/*
 * The main of a tool with verbs: finds argv[1] in the table and runs it; --help lists the verbs,
 * --list-options prints "verb TAB name TAB about" lines; no verb or an unknown one is a usage error
 * (2). Afterwards standard output is checked and closed (io_close_stdout): verbs need not do it.
 */
int verb_main(const char *command, const char *about, const struct verb *verbs, size_t count,
	      int argc, char **argv);

#endif
