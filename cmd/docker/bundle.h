/*
 * An image as files of the console's: what `docker save` wrote, unpacked, and archives of it that
 * leave out what a server has already.
 *
 * They are in a directory of their own (scratch.h), which bundle_close removes.
 */
#ifndef MROOM_DOCKER_BUNDLE_H
#define MROOM_DOCKER_BUNDLE_H

#include <stdint.h>

#include "cmd/docker/scratch.h"
#include "lib/base/err.h"
#include "lib/room/image.h"

struct bundle {
	struct scratch scratch;
	struct image image;
};

#define BUNDLE_INIT                      \
	{                                \
		SCRATCH_INIT, IMAGE_INIT \
	}

int bundle_open(struct bundle *bundle, struct err *err);
/* Where the archive belongs, compressed or not, before it is unpacked. Caller frees. */
char *bundle_archive(const struct bundle *bundle);
/* Has the console's own engine write it there. */
int bundle_save(const struct bundle *bundle, const char *image, struct err *err);
/* Unpacks the archive, and fills the rest of the struct. */
int bundle_unpack(struct bundle *bundle, struct err *err);
/* Makes the compressed archive without the first `have` layers: a descriptor, or -1. */
int bundle_without(const struct bundle *bundle, size_t have, int64_t *size, struct err *err);
void bundle_close(struct bundle *bundle);

#endif
