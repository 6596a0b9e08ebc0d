/* The inside of a copy to servers: transfer_put.c (a server's part), transfer_share.c (what all
 * share). */
#ifndef MROOM_WIRE_TRANSFER_PUT_H
#define MROOM_WIRE_TRANSFER_PUT_H

#include "lib/wire/pace.h"
#include "lib/wire/transfer.h"
#include "lib/wire/transfer_stream.h"

struct transfer_put {
	struct transfer_put_args args;
	const struct console *console;
	struct run *run;
	char *look, *put, *go, *get, *rest; /* the scripts; go: look and put in one */
	char *place, *base, *top; /* the target; the directory it is in, and its name there */
	char key[17]; /* the same for the same things to the same place from this console */
	struct buf names;	  /* what copy-look.sh reads */
	struct window *window;
	struct put_task *tasks;	    /* servers at work */
	bool *wanted;		    /* files to be hashed */
	struct tree_entry *hashing; /* on another thread; NULL: none */
	struct uv_work_s work;
	struct err hash_err;
	unsigned char hash[TREE_HASH_SIZE];
	uv_loop_t *loop;   /* known with the first server */
	uv_timer_t refill; /* under a limit */
	struct pace pace;
	int64_t share; /* bytes that the server being fed may have */
	struct put_task *turn; /* who is fed next; NULL: a turn is over */
	int64_t sent, total;
};

enum put_phase { PUT_LOOK, PUT_HASH, PUT_OLD, PUT_CHECK, PUT_SEND, PUT_REST, PUT_SFTP };

/* One server's part of it. */
struct put_task {
	struct put_task *prev, *next;
	struct transfer_put *put;
	struct session *session;
	enum put_phase phase;
	struct buf out, err;
	size_t asked; /* bytes of names */
	bool planned;
	char stage[32];	 /* what the script makes below the target, and the end of its answer */
	bool held;	 /* the command that looked waits to hear whether it is to put */
	bool dismissed;	 /* and is told not to */
	struct plan plan;
	struct olds *olds;
	struct buf old_names;
	struct tar_stream stream;
	size_t rest;	       /* entry whose part is looked at */
	int64_t rest_at, rest_sent;
	struct part_check *check; /* under way; NULL */
	struct sftp_put *sftp; /* NULL: it goes through the shell */
	bool way_known;	       /* that it goes over SFTP was known before */
	char no_shell[256];    /* why the shell would not do */
};

/* Hashes what is wanted, one file after the other; then every task in PUT_HASH goes on. */
void put_hash(struct transfer_put *put);
/* The plan of a task can be decided. */
void put_task_decide(struct put_task *task);

/* The two beginnings of names: written as named, or gone into. */
void put_tops(const struct transfer_put *put, const char *tops[2]);

/* The first server: its timer begins. */
void put_share_begin(struct transfer_put *put, uv_loop_t *loop);

/* --- transfer_put_rest.c --- */
/* Continues what was cut short earlier; then put_task_send. */
void put_rest_begin(struct put_task *task);
long put_rest_input(struct put_task *task, char *into, size_t room, bool *end, struct err *err);
void put_rest_ended(struct put_task *task, const struct ending *ending);
void put_rest_forget(struct put_task *task); /* the task goes */
/* All else is sent. */
void put_task_send(struct put_task *task);

/* --- transfer_put_sftp.c --- */
void put_sftp_begin(struct put_task *task);
/* What the server says and is told. The task may be gone after output. */
void put_sftp_output(struct put_task *task, const char *bytes, size_t count);
size_t put_sftp_input(struct put_task *task, char *into, size_t room);
void put_sftp_ended(struct put_task *task, const struct ending *ending);
/* The first script ended: whether it goes on over SFTP. */
bool put_sftp_instead(struct put_task *task, const struct ending *ending);

/* How many of `room` bytes may be sent now. 0: the task is fed again when there are more. */
size_t put_allow(struct transfer_put *put, size_t room);
/* So many of them were not. */
void put_spare(struct transfer_put *put, size_t count);

#endif
