#include "lib/room/image.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void image_finish(struct image *image)
{
	free(image->id);
	free(image->tag);
	free(image->config);
	list_finish(&image->layers);
	list_finish(&image->paths);
	*image = (struct image)IMAGE_INIT;
}

static int add_texts(struct list *list, const json_t *array, struct err *err)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));

		/* It becomes a pattern of tar's. */
		if (!text || strpbrk(text, "*?[\\\n "))
			return err_set(err, STATUS_CONSOLE, "the image's list of layers is odd");
		list_add(list, text);
	}
	return 0;
}

/* Below the archive's top and without steps up. */
static bool is_inside(const char *name)
{
	return *name && *name != '/' && !strstr(name, "..");
}

static int take_manifest(struct image *image, const json_t *all, struct err *err)
{
	const json_t *first = json_array_get(all, 0);
	const char *name = json_string_value(json_object_get(first, "Config"));
	const char *tag = json_string_value(json_array_get(json_object_get(first, "RepoTags"), 0));
	const char *slash = name ? strrchr(name, '/') : NULL;

	if (!name || !is_inside(name) || json_array_size(all) != 1)
		return err_set(err, STATUS_USAGE, "what was saved is not one image");
	slash = slash ? slash + 1 : name;
	image->config = mem_text(name);
	image->id = mem_text_n(slash, strcspn(slash, "."));
	image->tag = mem_text(tag ? tag : "");
	return add_texts(&image->paths, json_object_get(first, "Layers"), err);
}

int image_read_manifest(struct image *image, const char *text, size_t size, struct err *err)
{
	json_t *all = json_loadb(text, size, 0, NULL);
	int result = all ? take_manifest(image, all, err)
			 : err_set(err, STATUS_CONSOLE, "the image's manifest.json cannot be read");

	json_decref(all);
	return result;
}

int image_read_config(struct image *image, const char *text, size_t size, struct err *err)
{
	json_t *config = json_loadb(text, size, 0, NULL);
	const json_t *digests = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	int result =
	    config ? add_texts(&image->layers, digests, err)
		   : err_set(err, STATUS_CONSOLE, "the image's %s cannot be read", image->config);

	if (!result && image->paths.count != image->layers.count)
		result = err_set(err, STATUS_CONSOLE, "the image's layers do not match its files");
	json_decref(config);
	return result;
}

size_t image_shared(const struct image *image, const char *layers)
{
	size_t count = 0;

	for (; count < image->layers.count; count++) {
		size_t size = strcspn(layers, " ");

		if (!size || strlen(image->layers.at[count]) != size ||
		    memcmp(image->layers.at[count], layers, size) != 0)
			break;
		layers += size + strspn(layers + size, " ");
	}
	return count;
}
