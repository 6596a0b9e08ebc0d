#include "cmd/docker/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/docker/step.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

#define JSON_MAX ((size_t)16 * 1024 * 1024)

/* $1: the archive, $2: the image. */
static const char save[] = "engine=docker; command -v docker >/dev/null || engine=podman; "
			   "exec \"$engine\" save --output \"$1\" \"$2\"";

int bundle_open(struct bundle *bundle, struct err *err)
{
	return scratch_create(&bundle->scratch, err);
}

char *bundle_archive(const struct bundle *bundle)
{
	return mem_format("%s/image.tar", bundle->scratch.dir);
}

int bundle_save(const struct bundle *bundle, const char *image, struct err *err)
{
	char *archive = bundle_archive(bundle);
	const char *const argv[] = {"sh", "-c", save, "mroom", archive, image, NULL};
	int result = step_run(argv, "the console's own engine (try: --from SERVER)", err);

	free(archive);
	return result;
}

static int read_file(const struct bundle *bundle, const char *name, struct buf *text,
		     struct err *err)
{
	char *path = mem_format("%s/tree/%s", bundle->scratch.dir, name);
	int result;

	buf_clear(text);
	result = io_read_file(path, JSON_MAX, text, err);
	free(path);
	return result;
}

/* What manifest.json and the image's configuration say. */
static int read_parts(struct bundle *bundle, struct err *err)
{
	struct image *image = &bundle->image;
	struct buf text = BUF_INIT;
	int result = read_file(bundle, "manifest.json", &text, err) ||
			     image_read_manifest(image, text.at, text.len, err) ||
			     read_file(bundle, image->config, &text, err) ||
			     image_read_config(image, text.at, text.len, err)
			 ? -1
			 : 0;

	buf_finish(&text);
	return result;
}

int bundle_unpack(struct bundle *bundle, struct err *err)
{
	char *archive = bundle_archive(bundle), *tree = mem_format("%s/tree", bundle->scratch.dir);
	const char *const argv[] = {"tar", "-x", "-f", archive, "-C", tree, NULL};
	int result = mkdir(tree, 0700) ? err_sys(err, STATUS_CONSOLE, errno, "%s", tree)
				       : step_run(argv, "unpacking the image", err);

	unlink(archive);
	free(archive);
	free(tree);
	return result ? -1 : read_parts(bundle, err);
}

/* Whether one of the layers that travel has the same contents: its file may be a link to this one.
 */
static bool wanted_later(const struct bundle *bundle, size_t have, const char *layer)
{
	for (size_t i = have; i < bundle->image.layers.count; i++)
		if (!strcmp(bundle->image.layers.at[i], layer))
			return true;
	return false;
}

int bundle_without(const struct bundle *bundle, size_t have, int64_t *size, struct err *err)
{
	char *archive = mem_format("%s/without-%zu.tar.gz", bundle->scratch.dir, have);
	char *tree = mem_format("%s/tree", bundle->scratch.dir);
	const char *const head[] = {"tar", "-c", "-I", "gzip -1", "-f", archive, "-C", tree};
	struct list argv = LIST_INIT;
	struct stat st;
	int fd = -1;

	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
		list_add(&argv, head[i]);
	for (size_t i = 0; i < have; i++)
		if (!wanted_later(bundle, have, bundle->image.layers.at[i]))
			list_take(&argv, mem_format("--exclude=./%s", bundle->image.paths.at[i]));
	list_add(&argv, ".");
	list_take(&argv, NULL);
	if (step_run((const char *const *)argv.at, "packing the image", err))
		goto out;
	fd = open(archive, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		err_sys(err, STATUS_CONSOLE, errno, "%s", archive);
	else
		*size = st.st_size;
out:
	list_finish(&argv);
	free(archive);
	free(tree);
	return fd;
}

void bundle_close(struct bundle *bundle)
{
	scratch_destroy(&bundle->scratch);
	image_finish(&bundle->image);
}
