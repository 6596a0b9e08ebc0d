/*
 * Applications: app_file.c reads FILE.ini, app_key.c makes of its lines what an application is for
 * a server, app_bundle.c what that server gets of it, app_job.c the job that the server does with
 * it, app_said.c reads what comes of it. app_rollout.c goes from server to server, app_saved.c
 * keeps what a killed console has to go on with, app.c is the verb.
 */
#ifndef MROOM_DEPLOY_APP_H
#define MROOM_DEPLOY_APP_H

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/map.h"
#include "lib/room/console.h"
#include "lib/room/container.h"
#include "lib/room/server.h"

/* One file of an application; its place may have {{places}}. */
struct app_part {
	char *remote, *owner; /* owner NULL: who logs in */
	unsigned mode;
	struct buf contents;
	char *target; /* of a symbolic link; NULL: it is a file */
};

/* An application as it is for a server. Texts are templates. */
struct app {
	char *name, *version;
	struct app_part *parts;
	size_t part_count;
	struct list dirs;
	struct list env, secrets;	   /* "NAME=VALUE", "NAME=NAME OF THE SECRET" */
	char *start, *stop, *health, *log; /* scripts; NULL: none */
	char *url;			   /* asked in place of health */
	char *compose;			   /* a project's file, whole */
	char *image, *container, *network, *restart, *user;
	struct list command;
	struct list volumes, binds, ports, labels, options;
	int64_t health_ms, timeout_ms; /* timeout_ms, retries, workers 0: not said */
	long keep, retries, workers;
};

/* A line of FILE.ini. */
struct app_line {
	char *key, *value;
	long number;
};

/* [app NAME], or with a tag [app NAME @TAG]: what differs for servers that have it. */
struct app_section {
	char *name, *tag;
	struct app_line *lines;
	size_t count;
	long number;
};

struct apps {
	char *path, *dir; /* FILE.ini, and where it is */
	struct app_section *sections;
	size_t section_count;
	struct list names;    /* of the applications, in the order in which they are deployed */
	struct app defaults;  /* [deployment]: timeout, retries, workers */
	struct map *variants; /* struct app * by name and tags */
	crypto_generichash_state hash;
	char sum[33]; /* of FILE.ini and all that it names, when it was read */
};

/* Reads a file. Local names count from the file's own directory. apps_finish also after a failure.
 */
int apps_read(struct apps *apps, const char *path, struct err *err);
void apps_finish(struct apps *apps);

/* The application as it is for a server with these tags (comma-joined, or NULL); valid as long as
 * apps. NULL on error. */
const struct app *apps_for(struct apps *apps, const char *name, const char *tags, struct err *err);

/* app_key.c: takes a line. -1 (status 2, without file and line). */
int app_set(struct apps *apps, struct app *app, const char *key, const char *value,
	    struct err *err);
/* What one line cannot tell. */
int app_check(const struct app *app, struct err *err);
void app_finish(struct app *app);
/* A file beside FILE.ini, whole; it becomes part of the sum. */
int app_read_local(struct apps *apps, const char *name, struct buf *into, struct err *err);

/* Appends tar's entries for a server, below bundle/, and says their sum, in hex. */
int app_bundle(const struct app *app, const struct console *console, const struct server *server,
	       struct buf *to, char sum[65], struct err *err);
void app_put(struct buf *to, const char *name, const void *bytes, size_t count);

#endif
