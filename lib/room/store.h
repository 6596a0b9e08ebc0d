/*
 * The store: one SQLite database, $MROOM_HOME/mroom.db, that any number of tools may use at once.
 *
 * store*.c alone include sqlite3.h. WAL, busy timeout, foreign keys, STRICT tables; migrations from
 * MROOM_SHARE/schema/NNNN-name.sql, each in one transaction, run on open. Writes are short BEGIN
 * IMMEDIATE transactions. Every error is status 6 with the file's name, SQLite's reason and what to
 * do.
 *
 * synchronous is NORMAL: in WAL mode a commit has reached the kernel when it is acknowledged, so
 * kill -9 loses nothing; only a power cut may take the newest commits, and never leaves a part of
 * one.
 */
#ifndef MROOM_ROOM_STORE_H
#define MROOM_ROOM_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/room/home.h"
#include "lib/room/import_field.h"
#include "lib/room/roster.h"
#include "lib/room/server.h"

struct store;

/* The schema this build knows: the number of the newest file in share/schema. */
#define STORE_SCHEMA 11

/* Opens, makes (0600) and migrates. A database of a newer version is refused with both versions
 * named. */
struct store *store_open(const struct home *home, struct err *err);
void store_close(struct store *store); /* NULL is allowed */
/* The path of a file beside the database: caller frees. */
char *store_beside(const struct store *store, const char *name);

/* Transactions, for work of several calls. store_begin is BEGIN IMMEDIATE. store_commit returns -1
 * when the disk refused; the transaction is rolled back then. store_rollback never fails. */
int store_begin(struct store *store, struct err *err);
int store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);
bool store_is_begun(const struct store *store); /* whether one is open */
/* One moment for several reads, which are quicker inside than each alone; store_rollback ends it.
 * Nothing can be written meanwhile. */
int store_read(struct store *store, struct err *err);

/* --- servers (store_server.c) --- */

/* One server by id: 1 found (server is filled, caller finishes it), 0 not, -1 error. */
int store_server_get(struct store *store, const char *id, struct server *server, struct err *err);

/* Remembers how the server at that row let us in; NULL forgets. */
int store_server_auth(struct store *store, int64_t row, const char *how, struct err *err);

/* What store_server_each walks. All fields are ANDed; NULL or false leaves one out. */
struct server_query {
	const char *glob; /* id matches: * ? */
	const char *room;
	const char *tag;
	const char *room_or_tag; /* @name: a room of that name, else a tag of that name */
	bool with_retired;	 /* retired servers too */
	bool only_retired;
	bool ids_only; /* of each server only row, id and retired are wanted: much faster */
};

/* Calls fn per server, ordered by room, position, id. The server is valid during the call; fn may
 * not write to the store. fn returning -1 (err set) stops. */
typedef int server_fn(void *ctx, const struct server *server, struct err *err);
int store_server_each(struct store *store, const struct server_query *query, server_fn *fn,
		      void *ctx, struct err *err);

/* How many there are, retired ones too. */
int store_server_count(struct store *store, long *count, struct err *err);

/* Whether a room, or a tag, of that name exists: 1, 0, -1. */
int store_room_exists(struct store *store, const char *name, struct err *err);
int store_tag_exists(struct store *store, const char *name, struct err *err);

/* The server's position-ordered ids of a room; for --index. */
int store_room_count(struct store *store, const char *room, long *count, struct err *err);

/* Names for completion and "did you mean". */
int store_room_names(struct store *store, struct list *into, struct err *err);
int store_tag_names(struct store *store, struct list *into, struct err *err);

/* --- import (store_import.c) --- */

enum import_gone { IMPORT_KEEP, IMPORT_PRUNE, IMPORT_RETIRE };

struct import_args {
	const char *room;      /* NULL: servers come into no room */
	bool stay;	       /* a server that is in another room stays there, unless the
				* source says where it is */
	enum import_gone gone; /* what happens to servers of the room that the roster lacks */
	bool dry_run;	       /* everything is worked out, then rolled back */
};

enum import_action {
	IMPORT_ADDED,
	IMPORT_CHANGED,
	IMPORT_MOVED,	/* came from another room; its fields may have changed as well */
	IMPORT_GONE,	/* not in the roster, kept in the room behind those that are */
	IMPORT_REMOVED, /* not in the roster, deleted with its state, tags and secrets */
	IMPORT_RETIRED	/* not in the roster, kept and retired */
};
const char *import_action_name(enum import_action action); /* "added", ... */

struct import_change {
	char *id;
	enum import_action action;
	unsigned fields; /* what differs, for IMPORT_CHANGED and IMPORT_MOVED */
	char *from;	 /* IMPORT_MOVED: the room it left, NULL when it was in none */
};

/* What an import did: each server of the roster is added, changed, moved or unchanged; a new
 * position alone is no change. `changes` tells of all but the unchanged, in file order, those gone
 * at the end (a retired server that is gone is no news). */
struct import_report {
	long added, changed, moved, unchanged;
	long still_retired; /* servers of the roster that were and stay retired */
	struct import_change *changes;
	size_t change_count, change_cap;
	struct list tunnels_added, tunnels_changed;
};
#define IMPORT_REPORT_INIT {0, 0, 0, 0, 0, NULL, 0, 0, LIST_INIT, LIST_INIT}
void import_report_finish(struct import_report *report);

struct secret_box;

/* Imports a roster as a room, in one transaction. Passwords are sealed with box; an empty one keeps
 * what is stored, and so do state, tags, description and retirement of a known server. Problems of
 * the roster are the caller's to look at first. Pruning or retiring by a roster without servers is
 * refused (status 2). */
int store_import(struct store *store, struct secret_box *box, const struct roster *roster,
		 const struct import_args *args, struct import_report *report, struct err *err);

/* --- tunnels (store_tunnel.c): what a roster says; profiles proper come with mroom tunnel --- */
int store_tunnel_names(struct store *store, struct list *into, struct err *err);
/* What a roster's line says of a tunnel, without its password: 1 (roster_tunnel_finish), 0, -1. */
int store_tunnel_line(struct store *store, const char *name, struct roster_tunnel *tunnel,
		      struct err *err);

/* --- secrets (store_secret.c): sealed bytes by kind and name --- */
#define SECRET_SERVER_PASSWORD "server-password" /* name: the server's id */
#define SECRET_TUNNEL_PASSWORD "tunnel-password" /* name: the tunnel's name */
#define SECRET_KEY_PASSPHRASE "key-passphrase"	 /* name: the key's path */
#define SECRET_APPLICATION "application"	 /* name: of what a deployment asks for it by */
/* 1 found (appended to sealed), 0, -1 */
int store_secret_get(struct store *store, const char *kind, const char *name, struct buf *sealed,
		     struct err *err);
int store_secret_set(struct store *store, const char *kind, const char *name, const void *sealed,
		     size_t size, struct err *err);
int store_secret_remove(struct store *store, const char *kind, const char *name, struct err *err);

/* All of them, by kind and name; the row is valid during the call, fn may not write to the store. */
struct secret_row {
	const char *kind, *name;
	const void *sealed;
	size_t size;
	int64_t changed_at; /* ms since the epoch */
};
typedef int secret_fn(void *ctx, const struct secret_row *row, struct err *err);
int store_secret_each(struct store *store, secret_fn *fn, void *ctx, struct err *err);

/* --- runs (store_run.c): the journal's tables --- */
struct run_row {
	const char *tool;    /* "exec" */
	const char *command; /* what was asked, one line, no secrets */
	const char *user;    /* who, on the console */
	const char *session; /* terminal session, "" when none */
	int64_t started_ms;  /* since the epoch */
	const char *output;  /* what is kept of answers: none, hash, head, full */
};
/* When the newest run began, ms since the epoch: 1, 0 when there is none, -1. */
int store_run_last_start(struct store *store, int64_t *started_ms, struct err *err);
int store_run_begin(struct store *store, const struct run_row *row, int64_t *run, struct err *err);

struct result_row {
	const char *server;  /* id */
	const char *outcome; /* ok failed timeout ... */
	const char *reason;  /* class of the outcome; may be NULL */
	const char *message; /* one line; may be NULL */
	int exit_status;     /* of the remote command; -1: none */
	int64_t started_ms;  /* since the epoch */
	int64_t duration_ms;
};
/* Many results; the transaction is the caller's. */
int store_run_results(struct store *store, int64_t run, const struct result_row *rows, size_t count,
		      struct err *err);
int store_run_end(struct store *store, int64_t run, int exit_status, int64_t ended_ms,
		  struct err *err);

#endif
