#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_part.h"
#include "lib/wire/transfer_take_inside.h"

/* So much may wait for its name. */
#define PENDING_FILES 1000
#define PENDING_BYTES ((int64_t)256 * 1024 * 1024)

static char *part_called(const struct untar_entry *entry, int64_t safe)
{
	const struct tree_entry what = {
	    .suffix = (char *)entry->name, .size = entry->size, .mtime = entry->mtime};
	char mark[PART_MARK_SIZE];

	part_mark(mark, &what);
	return mem_format(TAKE_PART "%s.%lld", mark, (long long)safe);
}

static bool is_part(const struct take *take, const struct untar_entry *entry)
{
	return entry->resumed && take->alone && entry->size >= PART_FILE_MIN;
}

int64_t take_have(const struct take *take, const struct untar_entry *entry)
{
	char *called = part_called(entry, 0);
	size_t stem = strlen(called) - 1;
	int64_t have = 0;
	struct stat st;

	for (size_t i = 0; is_part(take, entry) && i < take->parts.count; i++) {
		const char *name = take->parts.at[i];
		int64_t size = strncmp(name, called, stem) ? 0 : strtoll(name + stem, NULL, 10);

		if (size > have && size < entry->size &&
		    !fstatat(take->root, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
		    st.st_size >= size)
			have = size;
	}
	free(called);
	return have;
}

void take_part(const struct take *take, const struct untar_entry *entry, struct tree_entry *part)
{
	char *called = part_called(entry, take_have(take, entry));
	struct stat st;

	memset(part, 0, sizeof(*part));
	part->path = mem_format("%s/%s", take->dir, called);
	if (!lstat(part->path, &st)) {
		part->dev = st.st_dev;
		part->ino = st.st_ino;
		part->size = st.st_size;
		part->mtime = st.st_mtim.tv_sec;
		part->mtime_ns = st.st_mtim.tv_nsec;
	}
	free(called);
}

void take_forget(struct take *take, const struct untar_entry *entry)
{
	char *called = part_called(entry, 0);
	size_t stem = strlen(called) - 1;

	for (size_t i = 0; i < take->parts.count; i++)
		if (!strncmp(take->parts.at[i], called, stem))
			unlinkat(take->root, take->parts.at[i], 0);
	free(called);
}

int take_secure(struct take *take, int64_t at, struct err *err)
{
	struct pending *file = &take->files[take->file_count - 1];
	size_t stem = strlen(TAKE_PART) + PART_MARK_SIZE;
	char *name;

	if (take->fd < 0 || strncmp(file->temporary, TAKE_PART, sizeof(TAKE_PART) - 1) != 0 ||
	    at - file->safe < PART_STEP)
		return 0;
	name = mem_format("%.*s%lld", (int)stem, file->temporary, (long long)at);
	/* Holes at its end count too. */
	if (ftruncate(take->fd, (off_t)at) || fdatasync(take->fd) ||
	    renameat(take->root, file->temporary, take->root, name)) {
		free(name);
		return take_refused(take, file->name, err);
	}
	free(file->temporary);
	file->temporary = name;
	file->safe = at;
	return 0;
}

/* The next temporary name, listed with what it will be called. */
static struct pending *take_name(struct take *take, const struct untar_entry *entry)
{
	struct pending *file = take_pending(&take->files, &take->file_count, &take->file_cap);

	file->name = mem_text(entry->name);
	if (is_part(take, entry)) {
		file->safe = take_have(take, entry);
		file->temporary = part_called(entry, file->safe);
	} else {
		file->temporary = mem_format(TAKE_TEMPORARY "%s.%u", take->nonce, take->serial++);
	}
	file->mode = entry->mode;
	file->mtime = entry->mtime;
	return file;
}

static int take_begin(void *ctx, const struct untar_entry *entry, struct err *err)
{
	struct take *take = ctx;
	struct pending *file;
	int rc = 0;

	take->fd = -1;
	if (entry->type == '5')
		return take_dir(take, entry->name, entry->mode, entry->mtime, err);
	if (entry->type != '0' && entry->type != '2')
		return err_set(err, STATUS_FAILED,
			       "%s: the server sent neither file, directory nor link", entry->name);
	if (take->file_count >= PENDING_FILES || take->bytes >= PENDING_BYTES)
		rc = take_settle_files(take, err);
	if (rc)
		return -1;
	file = take_name(take, entry);
	if (entry->type == '2') {
		rc = symlinkat(entry->target, take->root, file->temporary);
		file->whole = !rc;
	} else {
		int fresh = file->safe > 0 ? 0 : O_CREAT | O_EXCL;

		if (fresh) /* of a part of no bytes */
			unlinkat(take->root, file->temporary, 0);
		take->fd = openat(take->root, file->temporary,
				  O_WRONLY | fresh | O_NOFOLLOW | O_CLOEXEC, 0600);
		take->size = entry->size;
		/* What is behind the part may never have reached the disk. */
		rc = take->fd < 0 || (!fresh && ftruncate(take->fd, (off_t)file->safe)) ? -1 : 0;
	}
	return rc ? take_refused(take, entry->name, err) : 0;
}

static bool is_zero(const char *bytes, size_t count)
{
	return count > 0 && !*bytes && !memcmp(bytes, bytes + 1, count - 1);
}

/* Holes stay holes, as far as pieces tell. */
static int take_data(void *ctx, int64_t at, const char *bytes, size_t count, struct err *err)
{
	struct take *take = ctx;

	take->came += (int64_t)count;
	if (is_zero(bytes, count))
		return 0;
	while (count > 0) {
		ssize_t put = pwrite(take->fd, bytes, count, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return take_refused(take, take->files[take->file_count - 1].name, err);
		bytes += put;
		at += put;
		count -= (size_t)put;
		take->bytes += put;
	}
	return 0;
}

static int take_end(void *ctx, struct err *err)
{
	struct take *take = ctx;
	struct pending *file;
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};
	int rc;

	if (take->fd < 0)
		return 0;
	file = &take->files[take->file_count - 1];
	times[1].tv_sec = (time_t)file->mtime;
	/* Set-id bits of a server's files mean nothing here. */
	rc = ftruncate(take->fd, (off_t)take->size) || fchmod(take->fd, file->mode & 0777) ||
	     futimens(take->fd, times) || fdatasync(take->fd);
	if (rc)
		take_refused(take, file->name, err);
	rc |= close(take->fd);
	take->fd = -1;
	file->whole = !rc;
	return rc ? -1 : 0;
}

const struct untar_events take_events = {take_begin, take_data, take_end};

/* --- from tar --- */

/* A stream brings files from their beginning, and each for itself in order. */
static int tar_begin(void *ctx, const struct untar_entry *entry, struct err *err)
{
	struct untar_entry file = *entry;

	if (!strncmp(file.name, "./", 2))
		file.name += 2;
	file.resumed = file.type == '0';
	if (file.resumed)
		take_forget(ctx, &file);
	return take_begin(ctx, &file, err);
}

static int tar_data(void *ctx, int64_t at, const char *bytes, size_t count, struct err *err)
{
	return take_data(ctx, at, bytes, count, err) || take_secure(ctx, at + (int64_t)count, err)
		   ? -1
		   : 0;
}

const struct untar_events take_tar_events = {tar_begin, tar_data, take_end};
