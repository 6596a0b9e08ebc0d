/*
 * Standard input on the loop, whatever it is: a pipe or terminal is watched, a regular file read a piece
 * per turn. Nothing is set non-blocking, since others may share the descriptor.
 */
#ifndef MROOM_WIRE_FEEDER_H
#define MROOM_WIRE_FEEDER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct feeder {
	uv_poll_t poll;
	uv_idle_t idle;
	bool polled; /* which of the two is in use */
	bool open;
	int fd;
	/* count 0: the end; negative: -errno. The feeder is stopped then, and may be stopped by the callee. */
	void (*fn)(void *ctx, const char *bytes, long count);
	void *ctx;
};

void feeder_start(struct feeder *feeder, uv_loop_t *loop, int fd,
		  void (*fn)(void *ctx, const char *bytes, long count), void *ctx);
void feeder_hold(struct feeder *feeder, bool hold); /* no bytes until let go */
void feeder_stop(struct feeder *feeder);	    /* for good; may be called twice */

#endif
