/*
 * A socket on the loop as libssh2's SEND and RECV callbacks want it: sending always takes the whole
 * packet (what the kernel does not take waits here), receiving gives -EAGAIN when nothing is there. Per turn of the loop
 * at most LINK_BUDGET bytes are received, so that no server starves the others or fills memory.
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

struct link {
	uv_poll_t poll;
	int fd;
	struct buf out; /* accepted, not yet taken by the kernel */
	size_t out_at;
	uint64_t received; /* bytes in all */
	size_t budget;	   /* bytes that may still be received in this turn */
	bool drained;	   /* the kernel has no more for now */
	bool quick_ack;    /* answer packets at once instead of waiting to piggyback */
	bool broken;	   /* both callbacks fail from now on */
	bool ended;	   /* the other side closed, or the socket failed */
	bool end_told;	   /* and receiving may say so: until then it says -EAGAIN */
	int64_t last_rx;   /* loop time in ms */
	int interest;	   /* what the poll waits for */
	void (*event)(void *ctx);
	void *ctx;
};

/* Takes over fd. event is called on readiness. -1 when libuv refuses. */
int link_open(struct link *link, uv_loop_t *loop, int fd, void (*event)(void *ctx), void *ctx);
/* A new turn: the budget is full again. */
void link_turn(struct link *link);
/* Waits for input (unless not wanted) and, while something is queued, for room to send. */
void link_wait(struct link *link, bool want_input);
ssize_t link_receive(struct link *link, void *into, size_t room); /* count, 0 at the end, -errno */
ssize_t link_send(struct link *link, const void *bytes, size_t count); /* count or -errno */
void link_flush(struct link *link);	     /* offers the kernel what is queued */
size_t link_queued(const struct link *link); /* bytes */
/* Closes the handle, and the socket with it; then calls closed(ctx). */
void link_close(struct link *link, void (*closed)(void *ctx));

#endif
