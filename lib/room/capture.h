/*
 * One stream of one server's output on its way into the journal: redacted line by line, hashed
 * whole, and as much of it as is wanted compressed, so that memory stays small whatever comes.
 */
#ifndef MROOM_ROOM_CAPTURE_H
#define MROOM_ROOM_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/redact.h"

#define CAPTURE_HASH 32 /* SHA-256 */

struct capture;

/* Keeps the first `limit` bytes (0: the hash alone). redact must outlive it. */
struct capture *capture_create(const struct redact *redact, size_t limit);
void capture_add(struct capture *capture, const char *bytes, size_t count);
void capture_destroy(struct capture *capture); /* NULL is allowed */

/* What came of it. `data` is the capture's own, empty where only the hash is kept. */
struct captured {
	unsigned char hash[CAPTURE_HASH];
	int64_t size, kept;
	const struct buf *data; /* zlib's format */
};
/* The stream ended; nothing can be added any more. */
void capture_end(struct capture *capture, struct captured *captured);

/* Appends what was compressed: `kept` bytes. Damaged data is status 6. */
int capture_open(const void *data, size_t size, int64_t kept, struct buf *to, struct err *err);

#endif
