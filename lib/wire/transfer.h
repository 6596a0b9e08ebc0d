/*
 * Copies between this console and the servers of a run: the engine behind mroom copy, and of every
 * tool that brings files.
 *
 * To the servers: each is asked what it has (one round trip), then gets one tar stream of what
 * differs, which share/remote/copy-put.sh puts in place, old or new at every moment. Local files
 * are read once for all servers that keep up.
 */
#ifndef MROOM_WIRE_TRANSFER_H
#define MROOM_WIRE_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/wire/run.h"
#include "lib/wire/transfer_old.h"
#include "lib/wire/transfer_plan.h"
#include "lib/wire/transfer_tree.h"

enum transfer_kind {
	TRANSFER_AUTO, /* the target is a directory to go into where it is one, else the copy's own
			  name */
	TRANSFER_INTO, /* it is a directory, made when missing */
	TRANSFER_SYNC /* it is a directory, made when missing, that gets what the tree has inside */
};

struct transfer_put;

/* How it went on a server. */
struct transfer_report {
	const struct plan *plan; /* NULL: it did not come so far */
	const struct olds *olds; /* what was there; NULL: nothing, or it was not wanted */
	int64_t sent;		 /* bytes of contents */
};

struct transfer_put_args {
	struct tree *tree; /* hashes are added */
	enum transfer_kind kind;
	const char *dest; /* as the user wrote it: "", "~" and "~/x" mean the login directory */
	const char *name; /* what a thing of suffix "" is called inside dest ("": suffixes begin
			     with names) */
	struct plan_wish wish;
	const char *owner;  /* USER[:GROUP]; NULL */
	const char *suffix; /* what is replaced is kept under its name and this; NULL */
	int64_t rate;	    /* bytes a second, of all servers together; 0: no limit */
	bool sftp;	    /* over SFTP, whatever the server has */
	bool sudo;	    /* commands go through sudo, as SFTP cannot */
	bool check;	    /* only tells what would be done */
	bool old;	    /* fetches what is replaced first */
	/* The server is done. */
	void (*done)(void *ctx, const struct server *server, const struct transfer_report *report,
		     const struct result *result);
	void *ctx;
};

/* Everything in args is borrowed. handler is what run_create wants, with the put as its ctx; then
 * transfer_put_begin before run_go. */
struct transfer_put *transfer_put_create(const struct transfer_put_args *args,
					 const struct console *console, struct err *err);
extern const struct fleet_handler transfer_put_handler;
void transfer_put_begin(struct transfer_put *put, struct run *run);
/* After the run was destroyed. NULL is allowed. */
void transfer_put_destroy(struct transfer_put *put);

/* For progress: bytes of contents sent, and to be sent as far as is known. */
void transfer_put_progress(const struct transfer_put *put, int64_t *sent, int64_t *total);
/*
 * From the servers: `source` of each goes to a directory of its own, dir/ID. What is there already
 * with the same contents does not travel.
 */
struct transfer_got {
	size_t files; /* and links, that were fetched */
	int64_t bytes;
};

struct transfer_get_args {
	const char *source, *dir;
	int64_t rate; /* bytes a second, of all servers together; 0: no limit */
	bool quick;
	bool sftp, sudo; /* as above */
	void (*done)(void *ctx, const struct server *server, const struct transfer_got *got,
		     const struct result *result);
	void *ctx;
};

struct transfer_get;

struct transfer_get *transfer_get_create(const struct transfer_get_args *args,
					 const struct console *console, struct err *err);
extern const struct fleet_handler transfer_get_handler;
void transfer_get_begin(struct transfer_get *get, struct run *run);
void transfer_get_destroy(struct transfer_get *get); /* after the run; NULL is allowed */
/* For progress: bytes of contents that came, and that are to come as far as is known. */
void transfer_get_progress(const struct transfer_get *get, int64_t *came, int64_t *total);

const struct tree *transfer_put_tree(const struct transfer_put *put);

/* A path on a server in terms of the login directory and the setting remote_workspace. Caller
 * frees. */
char *transfer_place(const char *path, const struct console *console);
/* Its directory and its name in it; caller frees. */
void transfer_split(const char *place, char **base, char **top);
/* Adds what a script says to what is kept of its answer and its errors, up to a bound. */
void transfer_keep(struct buf *out, struct buf *err, enum stream stream, const char *bytes,
		   size_t count);

/* The name that a thing of the tree has on the server, for people. */
void transfer_show_name(struct buf *to, const struct transfer_put *put, const struct plan *plan,
			size_t index);
/* That of something below the target. */
void transfer_show_below(struct buf *to, const struct transfer_put *put, const char *name);

#endif
