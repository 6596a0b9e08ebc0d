/*
 * A container image as `docker save` describes it: the JSON beside its layers. The image is
 * foreign, and so is what it says of itself.
 */
#ifndef MROOM_ROOM_IMAGE_H
#define MROOM_ROOM_IMAGE_H

#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/list.h"

struct image {
	char *id;	    /* without "sha256:" */
	char *tag;	    /* "" when it was saved by its id */
	char *config;	    /* its configuration's file, below the archive's top */
	struct list layers; /* their digests, bottom first */
	struct list paths;  /* and where each is in the archive */
};

#define IMAGE_INIT                                     \
	{                                              \
		NULL, NULL, NULL, LIST_INIT, LIST_INIT \
	}
void image_finish(struct image *image);

/* manifest.json: all but the layers' digests. Status 2 when it is not one image's, 6 when it makes
 * no sense. */
int image_read_manifest(struct image *image, const char *text, size_t size, struct err *err);
/* And then the configuration: the digests, one for each path. */
int image_read_config(struct image *image, const char *text, size_t size, struct err *err);

/* How many of the bottom layers are those of `layers`, digests separated by blanks. */
size_t image_shared(const struct image *image, const char *layers);

#endif
