#include "cmd/docker/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/docker/step.h"
#include "lib/base/mem.h"

#define NAME "mroom-send."

/* A descriptor that holds the directory's lock; -1 when somebody else does, or it is not ours. */
static int lock(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && st.st_uid == geteuid() && !flock(fd, LOCK_EX | LOCK_NB) &&
	    !fstat(fd, &st) && st.st_nlink)
		return fd;
	close(fd);
	return -1;
}

static void remove_tree(const char *dir)
{
	const char *const argv[] = {"rm", "-rf", "--", dir, NULL};
	struct err err = ERR_INIT;

	step_run(argv, dir, &err);
}

static void sweep(const char *place)
{
	DIR *names = opendir(place);
	const struct dirent *entry;

	while (names && (entry = readdir(names))) {
		char *path;
		int fd;

		if (strncmp(entry->d_name, NAME, strlen(NAME)) != 0)
			continue;
		path = mem_format("%s/%s", place, entry->d_name);
		fd = lock(path);
		if (fd >= 0) {
			remove_tree(path);
			close(fd);
		}
		free(path);
	}
	if (names)
		closedir(names);
}

int scratch_create(struct scratch *scratch, struct err *err)
{
	const char *place = getenv("TMPDIR");

	place = place && *place ? place : "/tmp";
	sweep(place);
	/* Whoever sweeps at this moment may take the new one for an orphan, once or twice. */
	for (int tries = 0; tries < 10; tries++) {
		scratch->dir = mem_format("%s/" NAME "XXXXXX", place);
		if (!mkdtemp(scratch->dir))
			err_sys(err, STATUS_CONSOLE, errno, "%s", scratch->dir);
		else if ((scratch->lock = lock(scratch->dir)) >= 0)
			return 0;
		free(scratch->dir);
		scratch->dir = NULL;
		if (err->status != STATUS_OK)
			return -1;
	}
	return err_set(err, STATUS_CONSOLE, "%s: a new directory there cannot be locked", place);
}

void scratch_destroy(struct scratch *scratch)
{
	if (!scratch->dir)
		return;
	remove_tree(scratch->dir);
	close(scratch->lock);
	free(scratch->dir);
	scratch->dir = NULL;
}
