#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/copy/copy.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"

/* A source as the user named it, below the workspace where that is set. */
static char *source_path(const struct copy *copy, const char *source)
{
	const char *work = config_text(copy->console.config, "paths", "local_workspace");

	return *source == '/' || !*work ? mem_text(source) : mem_format("%s/%s", work, source);
}

/* The last part of a path: what the copy is called. Caller frees; NULL when there is none. */
static char *last_part(const char *path, struct err *err)
{
	size_t end = strlen(path), from;
	char *name, *real;

	while (end > 1 && path[end - 1] == '/')
		end--;
	for (from = end; from > 0 && path[from - 1] != '/'; from--)
		;
	name = mem_text_n(path + from, end - from);
	if (*name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return name;
	free(name);
	real = realpath(path, NULL);
	if (!real) {
		err_sys(err, STATUS_USAGE, errno, "%s", path);
		return NULL;
	}
	name = strrchr(real, '/')[1] ? mem_text(strrchr(real, '/') + 1) : NULL;
	if (!name)
		err_set(err, STATUS_USAGE, "%s: the root directory has no name to copy it by",
			path);
	free(real);
	return name;
}

/* Whether the target can only be meant as a directory. */
static bool names_directory(const char *dest)
{
	const char *last = strrchr(dest, '/');

	last = last ? last + 1 : dest;
	return !*last || !strcmp(last, ".") || !strcmp(last, "..") || !strcmp(last, "~");
}

static int add_source(struct copy *copy, const char *source, const char *suffix, bool sync,
		      struct tree *tree, struct err *err)
{
	char *path = source_path(copy, source);
	int rc = tree_add(tree, path, suffix, sync, true, err);

	free(path);
	return rc;
}

/* Each source under its own name. */
static int add_all(struct copy *copy, char **sources, size_t count, struct tree *tree,
		   struct err *err)
{
	struct map *names = map_create();
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		char *name = last_part(sources[i], err);

		if (!name)
			rc = -1;
		else if (!map_mark(names, name))
			rc = err_set(err, STATUS_USAGE, "two sources are called %s", name);
		else
			rc = add_source(copy, sources[i], name, false, tree, err);
		free(name);
	}
	map_destroy(names);
	return rc;
}

int sources_read(struct copy *copy, char **operands, size_t count, bool sync, struct tree *tree,
		 struct transfer_put_args *args, char **name, struct err *err)
{
	const char *dest = count > 0 ? operands[count - 1] : "";
	int rc;

	if (count < 2)
		return err_set(err, STATUS_USAGE, "missing: %s",
			       sync ? "a directory here and one there"
				    : "something to copy, and where to");
	if (sync && count > 2)
		return err_set(err, STATUS_USAGE, "expected one directory here and one there");
	args->dest = dest;
	args->name = "";
	args->kind = sync ? TRANSFER_SYNC : TRANSFER_INTO;
	if (sync) {
		rc = add_source(copy, operands[0], "", true, tree, err);
	} else if (count > 2 || names_directory(dest)) {
		rc = add_all(copy, operands, count - 1, tree, err);
	} else {
		*name = last_part(operands[0], err);
		args->name = *name;
		args->kind = TRANSFER_AUTO;
		rc = *name ? add_source(copy, operands[0], "", false, tree, err) : -1;
	}
	return rc;
}
