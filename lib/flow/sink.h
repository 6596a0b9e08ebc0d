/*
 * Output that never blocks the loop: bytes are gathered here and written by libuv's pool, one write at
 * a time, so that a slow reader (a pager, a full pipe) only fills the sink. Whoever produces output
 * looks at sink_full and stops until `drained` is called: memory stays bounded, nothing is dropped.
 */
#ifndef MROOM_FLOW_SINK_H
#define MROOM_FLOW_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct sink;

/* From this many bytes on a sink is full. */
#define SINK_HIGH (4 * 1024 * 1024)

/* drained: the sink was full and has room again; also called once when it fails. */
struct sink *sink_create(uv_loop_t *loop, int fd, void (*drained)(void *ctx), void *ctx);

/* Where to append; then sink_push. */
struct buf *sink_buf(struct sink *sink);
void sink_push(struct sink *sink);

/* Turns a piece of a file's bytes into output and returns how many it used: all of them when `last`, else at
 * least one (it may leave the beginning of a character for the next piece). */
typedef size_t sink_shape_fn(struct buf *to, const char *bytes, size_t count, bool last);

/* Appends a file's bytes [from, size) through `shape` (NULL: as they are), read only when their
 * turn comes. Takes over fd. */
void sink_push_file(struct sink *sink, int fd, size_t from, size_t size, sink_shape_fn *shape);

bool sink_full(const struct sink *sink);
bool sink_idle(const struct sink *sink); /* all is written, or it failed */
/* 0, or the errno that ended it; what is pushed afterwards is dropped. */
int sink_error(const struct sink *sink);

/* The loop must not be running a write of this sink any more (sink_idle). NULL is allowed. */
void sink_destroy(struct sink *sink);

#endif
