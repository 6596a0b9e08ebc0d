/*
 * A byte stream on the loop as libssh2's SEND and RECV callbacks want it: sending always takes the
 * whole packet (what the other side does not take waits here), receiving gives -EAGAIN when nothing
 * is there. Per turn of the loop at most LINK_BUDGET bytes are received, so that no server starves
 * the others or fills memory.
 *
 * Below it lies a socket, or whatever struct link_ops stands for: a channel through a jump host.
 */
#ifndef MROOM_WIRE_LINK_H
#define MROOM_WIRE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "lib/base/buf.h"

#define LINK_BUDGET (256 * 1024)
#define LINK_AHEAD_MAX (256 * 1024)

struct link;

struct link_ops {
	ssize_t (*receive)(struct link *link, void *into, size_t room); /* count, 0: end, -errno */
	/* Bytes taken, 0 when full, -errno when dead. */
	ssize_t (*offer)(struct link *link, const char *bytes, size_t count);
	/* Calls link_ready when there is input (if wanted) or room to send. */
	void (*wait)(struct link *link, bool want_input, bool want_room);
	/* Lets go; then link_closed, not before this returned. */
	void (*close)(struct link *link);
};

struct link {
	const struct link_ops *ops; /* NULL: closed, or never opened */
	uv_loop_t *loop;
	union {
		uv_poll_t poll; /* of a socket */
		uv_idle_t idle; /* for what is none: its closing is the loop's next turn */
	};
	int fd;		/* of a socket, or of the one that what is below goes through */
	void *below;	/* what ops stand for, where that is no socket */
	struct buf ahead; /* looked at ahead of link_receive, which hands it out first */
	struct buf out;	  /* accepted, not yet taken from below */
	size_t out_at;
	uint64_t received; /* bytes in all */
	size_t budget;	   /* bytes that may still be received in this turn */
	bool drained;	   /* there is no more for now */
	bool quick_ack;	   /* answer packets at once instead of waiting to piggyback */
	bool broken;	   /* both callbacks fail from now on */
	bool ended;	   /* the other side closed, or the stream failed */
	bool closing;
	bool end_told;	 /* and receiving may say so: until then it says -EAGAIN */
	char why[256];	 /* what is known of why it ended; "" mostly */
	int64_t last_rx; /* loop time in ms */
	int interest;	 /* what the poll waits for */
	void (*event)(void *ctx);
	void *ctx;
};

/* Takes over fd. event is called on readiness. -1 when libuv refuses. */
int link_open(struct link *link, uv_loop_t *loop, int fd, void (*event)(void *ctx), void *ctx);
/* The same above something that is no socket. */
void link_open_on(struct link *link, uv_loop_t *loop, const struct link_ops *ops, void *below,
		  void (*event)(void *ctx), void *ctx);
/* For ops: something may be received or sent now; the last word of a closed link. */
void link_ready(struct link *link);
void link_closed(struct link *link);
/* A new turn: the budget is full again. */
void link_turn(struct link *link);
/* Waits for input (unless not wanted) and, while something is queued, for room to send. */
void link_wait(struct link *link, bool want_input);
ssize_t link_receive(struct link *link, void *into, size_t room); /* count, 0 at the end, -errno */
/* Takes in what is there while nobody receives, LINK_AHEAD_MAX bytes in all: so it is noticed when
 * the other side goes. */
void link_look_ahead(struct link *link);
ssize_t link_send(struct link *link, const void *bytes, size_t count); /* count or -errno */
void link_flush(struct link *link);				       /* offers what is queued */
size_t link_queued(const struct link *link);			       /* bytes */
/* Closes what is below; then, not before this returned, calls closed(ctx). */
void link_close(struct link *link, void (*closed)(void *ctx));

#endif
