#include "lib/flow/sink.h"

#include <errno.h>
#include <unistd.h>

#include "lib/base/mem.h"

#define PIECE (256 * 1024)

/* A stretch of output: bytes, or a file whose bytes come in between. */
struct segment {
	struct segment *next;
	struct buf bytes;
	int fd; /* -1: none */
	size_t at, size;
	sink_shape_fn *shape;
};

struct sink {
	uv_loop_t *loop;
	int fd;
	uv_fs_t write;
	uv_buf_t part;
	bool writing, was_full;
	int error;
	struct buf filling, flying; /* being appended to; being written */
	size_t flown;
	struct segment *first, **last;
	size_t queued; /* bytes in filling, flying and segments */
	void (*drained)(void *ctx);
	void *ctx;
};

static void sink_go(struct sink *sink);

struct sink *sink_create(uv_loop_t *loop, int fd, void (*drained)(void *ctx), void *ctx)
{
	struct sink *sink = mem_zero(1, sizeof(*sink));

	sink->loop = loop;
	sink->fd = fd;
	sink->last = &sink->first;
	sink->drained = drained;
	sink->ctx = ctx;
	buf_init(&sink->filling);
	buf_init(&sink->flying);
	return sink;
}

static void segment_free(struct segment *segment)
{
	if (segment->fd >= 0)
		close(segment->fd);
	buf_finish(&segment->bytes);
	free(segment);
}

static void sink_drop_all(struct sink *sink)
{
	while (sink->first) {
		struct segment *segment = sink->first;

		sink->first = segment->next;
		segment_free(segment);
	}
	sink->last = &sink->first;
	buf_clear(&sink->filling);
	buf_clear(&sink->flying);
	sink->queued = 0;
}

static void sink_fail(struct sink *sink, int error)
{
	sink->error = error;
	sink_drop_all(sink);
	sink->drained(sink->ctx);
}

/* The next piece of the first segment's file, shaped, into flying. */
static void take_file(struct sink *sink, struct segment *segment)
{
	char *piece = mem_alloc(PIECE);
	ssize_t got = pread(segment->fd, piece, PIECE, (off_t)segment->at);
	size_t use = got > 0 ? (size_t)got : 0;

	if (use > segment->size - segment->at)
		use = segment->size - segment->at;
	if (use == 0) { /* cannot be read back: what is missing is an error, not silence */
		int error = got < 0 ? errno : EIO;

		free(piece);
		sink_fail(sink, error);
		return;
	}
	if (segment->shape)
		use = segment->shape(&sink->flying, piece, use,
				     use == segment->size - segment->at);
	else
		buf_add(&sink->flying, piece, use);
	segment->at += use;
	free(piece);
}

static void sink_take(struct sink *sink)
{
	struct segment *segment = sink->first;
	struct buf swap;

	if (!segment) {
		swap = sink->flying;
		sink->flying = sink->filling;
		sink->filling = swap;
		return;
	}
	if (segment->bytes.len > 0) {
		swap = sink->flying;
		sink->flying = segment->bytes;
		segment->bytes = swap;
		buf_clear(&segment->bytes);
		return;
	}
	if (segment->at < segment->size) {
		take_file(sink, segment);
		return;
	}
	sink->first = segment->next;
	if (!sink->first)
		sink->last = &sink->first;
	segment_free(segment);
}

static void sink_written(uv_fs_t *request)
{
	struct sink *sink = request->data;
	ssize_t count = request->result;

	uv_fs_req_cleanup(request);
	sink->writing = false;
	if (count < 0 && count != UV_EINTR && count != UV_EAGAIN) {
		sink_fail(sink, (int)-count);
		return;
	}
	if (count > 0)
		sink->flown += (size_t)count;
	if (sink->flown >= sink->flying.len) {
		sink->queued -= sink->flying.len < sink->queued ? sink->flying.len : sink->queued;
		buf_clear(&sink->flying);
		sink->flown = 0;
	}
	sink_go(sink);
	if (sink->was_full && sink->queued < SINK_HIGH / 2) {
		sink->was_full = false;
		sink->drained(sink->ctx);
	}
}

static void sink_go(struct sink *sink)
{
	int rc;

	if (sink->writing)
		return;
	while (!sink->error && sink->flying.len == 0 && (sink->first || sink->filling.len > 0))
		sink_take(sink);
	if (sink->error || sink->flying.len == 0)
		return;
	sink->part = uv_buf_init(sink->flying.at + sink->flown,
				 (unsigned)(sink->flying.len - sink->flown));
	sink->write.data = sink;
	rc = uv_fs_write(sink->loop, &sink->write, sink->fd, &sink->part, 1, -1, sink_written);
	if (rc)
		sink_fail(sink, -rc);
	else
		sink->writing = true;
}

struct buf *sink_buf(struct sink *sink)
{
	return &sink->filling;
}

/* What is queued is counted afresh: appending goes straight into the buffer. */
static void sink_count(struct sink *sink)
{
	sink->queued = sink->filling.len + sink->flying.len;
	for (const struct segment *segment = sink->first; segment; segment = segment->next)
		sink->queued += segment->bytes.len;
	if (sink->queued >= SINK_HIGH)
		sink->was_full = true;
}

void sink_push(struct sink *sink)
{
	if (sink->error) {
		buf_clear(&sink->filling);
		return;
	}
	sink_go(sink);
	sink_count(sink);
}

void sink_push_file(struct sink *sink, int fd, size_t from, size_t size, sink_shape_fn *shape)
{
	struct segment *segment;

	if (sink->error) {
		close(fd);
		return;
	}
	segment = mem_zero(1, sizeof(*segment));
	segment->bytes = sink->filling;
	buf_init(&sink->filling);
	segment->fd = fd;
	segment->at = from;
	segment->size = size;
	segment->shape = shape;
	*sink->last = segment;
	sink->last = &segment->next;
	sink_push(sink);
}

bool sink_full(const struct sink *sink)
{
	return sink->was_full;
}

bool sink_idle(const struct sink *sink)
{
	return !sink->writing &&
	       (sink->error || (!sink->first && sink->filling.len == 0 && sink->flying.len == 0));
}

int sink_error(const struct sink *sink)
{
	return sink->error;
}

void sink_destroy(struct sink *sink)
{
	if (!sink)
		return;
	sink_drop_all(sink);
	buf_finish(&sink->filling);
	buf_finish(&sink->flying);
	free(sink);
}
