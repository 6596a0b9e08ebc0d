/* The inside of a copy from servers: transfer_get.c (a server's part), transfer_got.c (what all
 * share). */
#ifndef MROOM_WIRE_TRANSFER_GET_H
#define MROOM_WIRE_TRANSFER_GET_H

#include "lib/wire/pace.h"
#include "lib/wire/transfer.h"
#include "lib/wire/transfer_listing.h"
#include "lib/wire/transfer_sftp_get.h"
#include "lib/wire/transfer_tail.h"
#include "lib/wire/transfer_take.h"

/* The first ones are each a script's. */
enum get_phase { GET_LIST, GET_SUMS, GET_TAIL, GET_FETCH, GET_SFTP };

#define SCRIPTS ((size_t)GET_SFTP)

struct transfer_get {
	struct transfer_get_args args;
	const struct console *console;
	struct run *run;
	char *scripts[SCRIPTS];
	char *place, *base, *top;
	uv_timer_t refill; /* under a limit */
	struct pace pace;
	size_t tasks;			    /* servers at work */
	int64_t came, total;		    /* bytes of contents */
	struct get_sums *sums, **sums_last; /* those that wait */
	int summing;			    /* those under way */
};

/* One server's part of it. */
struct get_task {
	struct transfer_get *get;
	struct session *session;
	enum get_phase phase;
	struct buf out, err, input;
	size_t fed;
	char *dir;
	struct listing listing;
	struct take *take;
	size_t next; /* of the listing: it may have been cut short */
	struct tail tail;
	struct get_sums *sums; /* under way; NULL */
	struct untar *untar;
	struct sftp_get *sftp; /* NULL: through the shell */
	bool way_known;
	char no_shell[256]; /* why the shell would not do */
	struct err trouble; /* with what came */
	struct transfer_got got;
	int64_t came, wanted; /* its part of what the copy says of itself */
	int64_t spared;	      /* of what is wanted, by SFTP */
};

/* What is here is summed up (transfer_get_sums.c): of the listing, with the server's sums in `out`;
 * then get_task_compared. Of the tail's part; then get_task_summed, NULL when it could not be read.
 */
void get_sums_compare(struct get_task *task);
void get_sums_part(struct get_task *task);
void get_sums_forget(struct get_task *task); /* of no use any more */
void get_task_compared(struct get_task *task);
void get_task_summed(struct get_task *task, const unsigned char *hash);
/* So many bytes came: under a limit, no server sends for a while when they are too many. */
void get_pace(struct transfer_get *get, size_t count);
/* What the task says of itself: contents are to come, or are not any more (negative). */
void get_want(struct get_task *task, int64_t bytes);
/* Contents came, as the task's take has counted them. */
void get_count(struct get_task *task);
/* It begins; it is over, and no more will come. */
void get_join(struct get_task *task);
void get_leave(struct get_task *task);

#endif
