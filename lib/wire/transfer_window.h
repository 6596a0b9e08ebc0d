/*
 * Contents of local files for many readers: a window of blocks that were read last. Readers near
 * each other share what one of them had read from disk; one that fell behind the window reads
 * again, and nobody waits for it.
 */
#ifndef MROOM_WIRE_TRANSFER_WINDOW_H
#define MROOM_WIRE_TRANSFER_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/wire/transfer_tree.h"

#define WINDOW_SIZE ((size_t)64 * 1024 * 1024)
#define WINDOW_BLOCK ((size_t)1024 * 1024)

struct window;

/* Holds at most `size` bytes (at least one block). The tree must outlive it. */
struct window *window_create(const struct tree *tree, size_t size);
void window_destroy(struct window *window); /* NULL is allowed */

/* Copies up to `room` bytes of entry `index` from offset `at`, within one block: the count (above
 * 0), or -1 with err set when the file cannot be read or changed. */
long window_read(struct window *window, size_t index, int64_t at, char *into, size_t room,
		 struct err *err);

/* Bytes read from files so far. */
int64_t window_bytes_read(const struct window *window);

#endif
