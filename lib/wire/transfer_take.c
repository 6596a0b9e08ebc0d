#include "lib/wire/transfer_take_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"

/* What an earlier one left behind when it was killed goes, unless it is still at work: then it
 * holds the lock. */
static void clear_leftovers(struct take *take)
{
	int root = take->root;
	int fd = take->alone ? openat(root, ".", O_RDONLY | O_DIRECTORY) : -1;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;

	while (dir && (found = readdir(dir)) != NULL) {
		if (!strncmp(found->d_name, TAKE_PART, sizeof(TAKE_PART) - 1)) {
			list_add(&take->parts, found->d_name);
			/* One that was complete may have got a mode that keeps its owner out. */
			if (fchmodat(root, found->d_name, 0600, AT_SYMLINK_NOFOLLOW))
				continue; /* what opens it tells why */
		} else if (!strncmp(found->d_name, TAKE_TEMPORARY, sizeof(TAKE_TEMPORARY) - 1)) {
			unlinkat(root, found->d_name, 0);
		}
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

int64_t take_came(const struct take *take)
{
	return take->came;
}

struct take *take_create(const char *dir, struct err *err)
{
	struct take *take;
	unsigned char noise[8];
	int root;

	if (io_make_dirs(dir, 0700, err))
		return NULL;
	root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		err_sys(err, STATUS_CONSOLE, errno, "%s", dir);
		return NULL;
	}
	take = mem_zero(1, sizeof(*take));
	take->root = root;
	take->alone = flock(root, LOCK_EX | LOCK_NB) == 0;
	clear_leftovers(take);
	take->fd = -1;
	take->dir = mem_text(dir);
	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(take->nonce, sizeof(take->nonce), noise, sizeof(noise));
	return take;
}

int take_refused(const struct take *take, const char *name, struct err *err)
{
	static const int everybodys[] = {ENOSPC, EDQUOT, EROFS, EIO, EFBIG, EMFILE, ENFILE, ENOMEM};
	enum status status = STATUS_FAILED;

	for (size_t i = 0; i < sizeof(everybodys) / sizeof(*everybodys); i++)
		if (errno == everybodys[i])
			status = STATUS_CONSOLE;
	return err_sys(err, status, errno, "%s/%s", take->dir, name);
}

static int refuse(const char *name, struct err *err)
{
	return err_set(err, STATUS_FAILED, "the server sent a name that leads elsewhere: %s", name);
}

/*
 * Opens the directory that `name` is in, making what is missing; *last is where its last part
 * begins. Returns a descriptor to be closed, or -1.
 */
static int walk(struct take *take, const char *name, const char **last, struct err *err)
{
	int at = dup(take->root);
	const char *part = name;

	while (at >= 0) {
		const char *slash = part + strcspn(part, "/");
		char piece[256];
		int next;

		snprintf(piece, sizeof(piece), "%.*s", (int)(slash - part), part);
		if (slash - part > 255 || !strcmp(piece, "..") || (!*piece && part == name)) {
			close(at);
			return refuse(name, err);
		}
		if (!*slash) {
			*last = part;
			if (*piece && strcmp(piece, ".") != 0)
				return at;
			close(at);
			return refuse(name, err);
		}
		part = slash + 1;
		if (!*piece || !strcmp(piece, "."))
			continue;
		if (mkdirat(at, piece, 0700) && errno != EEXIST)
			next = -1;
		else
			next = openat(at, piece, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(at);
		at = next;
	}
	return take_refused(take, name, err);
}

struct pending *take_pending(struct pending **list, size_t *count, size_t *cap)
{
	if (*count == *cap) {
		*cap = *cap ? *cap * 2 : 64;
		*list = mem_resize(*list, *cap, sizeof(**list));
	}
	memset(&(*list)[*count], 0, sizeof(**list));
	return &(*list)[(*count)++];
}

/* Puts one file in its place: -1 when a directory stands there, say. */
static int settle_file(struct take *take, const struct pending *file, struct err *err)
{
	const char *last;
	int at = walk(take, file->name, &last, err), rc;

	if (at < 0)
		return -1;
	/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): walk found it */
	rc = renameat(take->root, file->temporary, at, last);
	if (rc)
		take_refused(take, file->name, err);
	close(at);
	return rc;
}

int take_settle_files(struct take *take, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < take->file_count; i++) {
		struct pending *file = &take->files[i];

		if (rc == 0)
			rc = settle_file(take, file, err);
		if (rc)
			unlinkat(take->root, file->temporary, 0);
		free(file->name);
		free(file->temporary);
	}
	take->file_count = 0;
	take->bytes = 0;
	return rc;
}

int take_settle(struct take *take, struct err *err)
{
	int rc = take_settle_files(take, err);

	for (size_t i = 0; rc == 0 && i < take->parts.count; i++)
		unlinkat(take->root, take->parts.at[i], 0);

	while (take->dir_count > 0) {
		struct pending *dir = &take->dirs[--take->dir_count];
		const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = dir->mtime}};
		const char *last;
		int at = rc ? -1 : walk(take, dir->name, &last, err);
		int fd =
		    at < 0 ? -1 : openat(at, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (!rc && (fd < 0 || fchmod(fd, dir->mode & 0777) || futimens(fd, times)))
			rc = take_refused(take, dir->name, err);
		if (fd >= 0)
			close(fd);
		if (at >= 0)
			close(at);
		free(dir->name);
	}
	return rc;
}

int take_dir(struct take *take, const char *name, unsigned mode, int64_t mtime, struct err *err)
{
	struct pending *dir;
	const char *last;
	int at = walk(take, name, &last, err), rc;

	if (at < 0)
		return -1;
	/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): walk found it */
	rc = mkdirat(at, last, 0700) && errno != EEXIST ? take_refused(take, name, err) : 0;
	close(at);
	if (rc)
		return -1;
	dir = take_pending(&take->dirs, &take->dir_count, &take->dir_cap);
	dir->name = mem_text(name);
	dir->mode = mode;
	dir->mtime = mtime;
	return 0;
}

void take_destroy(struct take *take)
{
	if (!take)
		return;
	if (take->fd >= 0)
		close(take->fd);
	for (size_t i = 0; i < take->file_count; i++) {
		struct pending *file = &take->files[i];
		struct err err = ERR_INIT;

		if ((!file->whole || settle_file(take, file, &err)) && file->safe == 0)
			unlinkat(take->root, file->temporary, 0);
		free(file->name);
		free(file->temporary);
	}
	for (size_t i = 0; i < take->dir_count; i++)
		free(take->dirs[i].name);
	free(take->files);
	free(take->dirs);
	list_finish(&take->parts);
	free(take->dir);
	close(take->root);
	free(take);
}
