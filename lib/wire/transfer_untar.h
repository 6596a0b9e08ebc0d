/*
 * Reads a tar stream as it arrives: ustar, GNU's long names and sparse files, pax paths. Archives
 * may follow each other. What it says is a server's word: names are handed out as they come, and
 * the receiver must not believe them.
 */
#ifndef MROOM_WIRE_TRANSFER_UNTAR_H
#define MROOM_WIRE_TRANSFER_UNTAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct untar_entry {
	const char *name, *target; /* target of a link of either kind; "" */
	char type;		   /* '0' file, '1' hard link, '2' symbolic link, '5' directory */
	unsigned mode;
	int64_t size, mtime; /* size with holes */
	bool resumed; /* goes on behind what take_have tells; take_secure is called */
};

struct untar_events {
	int (*begin)(void *ctx, const struct untar_entry *entry, struct err *err);
	/* Contents at an offset; holes are left out. */
	int (*data)(void *ctx, int64_t at, const char *bytes, size_t count, struct err *err);
	int (*end)(void *ctx, struct err *err);
};

struct untar;

struct untar *untar_create(const struct untar_events *events, void *ctx);
void untar_destroy(struct untar *untar); /* NULL is allowed */
/* -1 when the stream makes no sense (status 1) or the receiver says so. */
int untar_feed(struct untar *untar, const char *bytes, size_t count, struct err *err);
/* Whether the stream may end here: not in the middle of an entry. */
bool untar_complete(const struct untar *untar);

#endif
