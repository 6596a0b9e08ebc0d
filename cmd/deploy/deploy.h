/*
 * mroom deploy: stages, configuration and leases on servers. stages.c finds stages, job.c makes of
 * them what a server runs, run.c is run, plan, resume and undo, report.c reads what jobs say,
 * status.c, config.c and lock.c are further verbs. Where the console has a part in it, steps.c goes
 * from step to step: local.c runs what runs here, reboot.c waits for servers to come back.
 */
#ifndef MROOM_DEPLOY_DEPLOY_H
#define MROOM_DEPLOY_DEPLOY_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/deploy/frame.h"
#include "lib/base/map.h"

/* A stage as it was asked for: "yacht:8080" is stage yacht with an argument. */
struct stage {
	char *asked, *name, *argument; /* argument NULL: none */
	char *text;
	bool local;	  /* a program of the console's; text calls it */
	bool reboots;	  /* the shipped stage of that name, which the console has to wait for */
	char *pre, *post; /* hooks: programs of the console's; NULL: none */
};

struct stages {
	struct stage *at;
	size_t count;
};

/* What run, plan, resume and undo are made of. */
struct deploy {
	const char *command; /* "mroom deploy run" */
	const char *mode;    /* plan, run, undo, resume */
	struct frame frame;
	const char *stage_list;
	struct stages stages;
	char *head; /* deploy-job.sh */
	char *settings;
	char id[33], lease[24], longest[24];
	struct list going;   /* servers whose last step went well */
	struct map *results; /* of the last stage, by server: "changed"; NULL where nobody asks */
};

/* Finds the stages of a list, or of the setting deploy.stages when it is NULL. */
int stages_find(struct stages *stages, const struct console *console, const char *list,
		struct err *err);
void stages_finish(struct stages *stages);
/* Every stage there is; names are sorted, those of the home hide shipped ones. */
int stages_all(const struct console *console, struct list *names, struct err *err);
/* The path of a stage's file; caller frees, NULL when there is none. */
char *stage_path(const struct console *console, const char *name);

/* The program of a local stage, sought on PATH; caller frees, NULL when there is none. */
char *stage_program(const char *name);

/* run.c: a new id, for what servers keep under it. */
void deploy_id(struct deploy *deploy);

/* run.c: one job on these operands, and on the targets of the frame unless `named`. */
int job_go(struct deploy *deploy, bool named, char **operands, size_t count, struct err *err);

/* steps.c: whether the console has a part in it; then steps_go instead of job_go. */
bool steps_wanted(const struct deploy *deploy);
int steps_go(struct deploy *deploy, char **operands, size_t count, struct err *err);

/* reboot.c: restarts deploy->going, which then has those that came back. */
int reboot_go(struct deploy *deploy, const char *stage, struct err *err);

/* What a program of the console's came to for a server: its exit status, or one of these. */
enum {
	LOCAL_KILLED = -1, /* by a signal */
	LOCAL_LATE = -2	   /* it was stopped when its time was over */
};
typedef void local_fn(void *ctx, const struct server *server, int status, const struct buf *said);
/* Runs argv once per server, or where it is NULL the server's job, with the server as a record. */
int local_each(struct deploy *deploy, const char *const *argv, const struct list *ids, local_fn *fn,
	       void *ctx, struct err *err);

/* job.c: settings as shell words, the same for all servers; a server's job. */
char *job_settings(const struct console *console, struct err *err);
void job_write(struct buf *to, const struct deploy *deploy, const struct server *server);

/* report.c: calls fn for every line of a job's log: `ours`, behind the mark, where it is the job's
 * own, to be taken apart; else NULL. */
typedef void report_fn(void *ctx, char *ours, const char *line, size_t size);
void report_lines(const struct buf *log, report_fn *fn, void *ctx);
/* The version of an application that a server runs now; NULL: none. */
void report_version(const struct console *console, const char *id, const char *name,
		    const char *version, struct err *err);
/* A line of what failed there, on standard error. */
void report_said(const char *id, const char *text);

/* report.c: takes a server's log apart, prints rows, remembers facts. Its message is why it failed.
 */
void report_log(struct deploy *deploy, const struct server *server, const struct buf *log,
		char *message, size_t room);
/* A stage of a server came to "changed" or "failed": a row, and what is remembered. */
void report_result(struct deploy *deploy, const char *id, const char *stage, const char *result,
		   const char *why);
extern const struct out_column report_columns[];
extern const size_t report_column_count;

/* The key under which a stage's last result is remembered. Caller frees. */
char *stage_key(const char *asked);

int deploy_run(int argc, char **argv);
int deploy_plan(int argc, char **argv);
int deploy_resume(int argc, char **argv);
int deploy_undo(int argc, char **argv);
int deploy_config(int argc, char **argv);
int deploy_lock(int argc, char **argv);
int deploy_app(int argc, char **argv);
int deploy_stages(int argc, char **argv);
int deploy_status(int argc, char **argv);

#endif
