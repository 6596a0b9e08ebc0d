/*
 * What the verbs of mroom docker share: a script of share/remote on every server, told which
 * containers are meant, whose lines become rows.
 *
 * Operands are names of containers, globs allowed; targets come from -w, -g, -a or standard input.
 * "-" reads ids of servers from standard input, or, where no container is named, (server,
 * container) pairs: the first two fields.
 */
#ifndef MROOM_DOCKER_JOB_H
#define MROOM_DOCKER_JOB_H

#include "lib/base/map.h"
#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/flow/record.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"
#include "lib/wire/deed.h"

/* The options that choose among a server's containers. */
struct choice {
	const char *keyword, *image, *state, *health;
	struct list labels;
};
extern const struct opt choice_opts[];

struct job {
	struct pick_args targets;
	struct run_args run;
	struct out_args form;
	struct choice choice;
	struct console console;
	struct out *out;
	struct err err;
	struct list names; /* of containers */
	struct list words; /* what the script is told before the selectors */
	struct map *pairs; /* server id -> struct list * of containers; NULL: all have the same */
	struct buf input;  /* what the script reads on its standard input */
	bool has_input;
	const char *template_name; /* then input is a template of that name; else NULL */
	struct buf rendered;	   /* for the server whose arguments were made last */
	void *live; /* a verb's own, for what is done in rounds */
	const struct job_spec *spec;
};

struct job_spec {
	const char *command; /* "mroom docker ps" */
	const char *args, *about;
	const char *complete; /* operands that choose no containers, or NULL */
	const char *script;
	const struct opt *opts; /* of its own, or NULL */
	void *into;
	const struct out_column
	    *columns; /* id first; a field of the script's lines for each after it */
	size_t column_count;
	bool chooses;	   /* operands and options choose containers */
	bool needs_choice; /* and silence is not all: something has to be chosen */
	bool of_project;   /* the operand is a compose file, whose project's containers are meant */
	bool stop_at_operand;
	bool tells_why; /* a script that failed has more to say than its last line: show it all */
	const char *const *examples;
	/* Fills job->words (and names, input), before anything is done. NULL: nothing to fill. -1
	 * with job->err set. */
	int (*prepare)(struct job *job, char **operands, size_t count);
	/* A line of the script's. NULL: it is a row. */
	void (*line)(struct job *job, const struct server *server, const struct record *record);
	/* In place of the script on every server: the status, or -1 with job->err set. */
	int (*go)(struct job *job, const char *command);
	/* All servers are done. */
	void (*finish)(struct job *job);
};

/* The whole of a verb: the status to exit with. */
int job_main(const struct job_spec *spec, int argc, char **argv);

/* The usual way of a verb, for those with a way of their own besides: the script once on every
 * server. The status, or -1 with job->err set. */
int job_go(struct job *job, const char *command);

/* The same as a deed, for those that do it more than once. */
struct deed job_deed(const struct job *job);

/* Takes an answer apart: `line` gets each of its lines; ctx is the caller's own. */
int job_lines(const struct answer *answer,
	      int (*line)(void *ctx, const struct record *record, struct err *err), void *ctx,
	      struct err *err);

/* A row of the server's id and the fields of the record. */
void job_row(struct job *job, const struct server *server, const struct record *record);

/* The engine's trouble becomes the class "docker": the judge of deeds. */
void job_judge(void *ctx, const struct answer *answer, int exit_status, struct verdict *verdict);

/* Trouble of the engine's in its own words, as a class and what to do: for verdict->message. NULL
 * when it is of no known kind. */
const char *reason_of(const char *text);

int docker_ps(int argc, char **argv);
int docker_start(int argc, char **argv);
int docker_stop(int argc, char **argv);
int docker_restart(int argc, char **argv);
int docker_rm(int argc, char **argv);
int docker_inspect(int argc, char **argv);
int docker_stats(int argc, char **argv);
int docker_pull(int argc, char **argv);
int docker_login(int argc, char **argv);
int docker_logout(int argc, char **argv);
int docker_doctor(int argc, char **argv);
int docker_run(int argc, char **argv);
int docker_logs(int argc, char **argv);
int docker_exec(int argc, char **argv);
int docker_compose(int argc, char **argv);
int docker_compose_ps(int argc, char **argv);
int docker_compose_logs(int argc, char **argv);
int docker_send(int argc, char **argv);
int docker_install(int argc, char **argv);
/* mroom docker [OPTIONS] -- COMMAND [ARG...]: no verb, the engine's own command line. */
int docker_engine(int argc, char **argv);

#endif
