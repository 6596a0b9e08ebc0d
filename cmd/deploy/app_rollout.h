/* A rollout of applications over servers, and the other verbs of mroom deploy app. */
#ifndef MROOM_DEPLOY_APP_ROLLOUT_H
#define MROOM_DEPLOY_APP_ROLLOUT_H

#include "cmd/deploy/app.h"
#include "cmd/deploy/frame.h"

struct app_args {
	bool force;
	long canary, batch;
	const char *rollback;
};

/* What a killed console has to go on with: $MROOM_HOME/rollouts/ID, held by a lock while somebody
 * does. */
struct saved {
	char id[33]; /* of the rollout: jobs on servers are named after it */
	char *path;
	int fd;		  /* -1: nothing saved */
	struct list argv; /* and where it was said */
	char *cwd, *sum;
	struct list ids, names; /* servers; applications */
};

struct rollout {
	struct frame frame;
	struct app_args args;
	const char *verb;    /* run, status, rollback, history, remove */
	const char *name;    /* of the application */
	struct apps *apps;   /* NULL but for run */
	struct buf bundle;   /* for the server whose arguments were made last */
	struct list ids;     /* all targets */
	struct list changed; /* where a new version runs now */
	char job[64], longest[24];
	char *head; /* the scripts of a job */
	struct saved saved;
	int argc;
	char **argv;
	bool resumed, again; /* again: saved.argv is to be done */
};

/* app_job.c: one verb on these servers. */
int app_do(struct rollout *rollout, const char *verb, char **ids, size_t count, struct err *err);

/* app_rollout.c: all of a file, on all servers. */
int rollout_file(struct rollout *rollout, const char *path, struct err *err);

/* app_saved.c. Saves what a rollout is about, under a new id; what is saved of the same
 * applications, and nobody holds, is out of date. */
int saved_begin(struct rollout *rollout, struct err *err);
/* Loads the newest that nobody holds: 1; 0: there is none; -1. */
int saved_load(struct saved *saved, const struct home *home, struct err *err);
/* It came to its end. */
void saved_end(struct saved *saved);
void saved_finish(struct saved *saved);

#endif
