#include "lib/base/sockdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A longer TMPDIR leaves no room for a socket's name. */
#define BASE_MAX 40
#define TRIES 8

static const char *base_dir(void)
{
	const char *base = getenv("TMPDIR");

	return base && *base == '/' && strlen(base) < BASE_MAX ? base : "/tmp";
}

/* Opens the directory that is ours, and locks it: the lock, or -1. */
static int lock_dir(const char *dir)
{
	int lock = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat opened, named;

	if (lock < 0)
		return -1;
	/* It may have been removed, and made anew by somebody else, meanwhile. */
	if (!fstat(lock, &opened) && opened.st_uid == geteuid() &&
	    !flock(lock, LOCK_EX | LOCK_NB) && !lstat(dir, &named) &&
	    named.st_dev == opened.st_dev && named.st_ino == opened.st_ino)
		return lock;
	close(lock);
	return -1;
}

static void empty(const char *dir, int lock)
{
	int own = dup(lock);
	DIR *listing = own >= 0 ? fdopendir(own) : NULL;
	const struct dirent *entry;

	while (listing && (entry = readdir(listing)))
		unlinkat(lock, entry->d_name, 0);
	if (listing)
		closedir(listing);
	else if (own >= 0)
		close(own);
	rmdir(dir);
}

/* Removes what processes that were killed left there. */
static void clear_stale(const char *base, const char *name)
{
	size_t size = strlen(name);
	DIR *listing = opendir(base);
	const struct dirent *entry;
	char dir[sizeof(((struct sockdir *)0)->dir)];

	while (listing && (entry = readdir(listing))) {
		int lock, length;

		if (strncmp(entry->d_name, name, size) != 0 || entry->d_name[size] != '.' ||
		    strlen(entry->d_name) != size + 7)
			continue;
		length = snprintf(dir, sizeof(dir), "%s/%s", base, entry->d_name);
		lock = length < (int)sizeof(dir) ? lock_dir(dir) : -1;
		if (lock < 0)
			continue;
		empty(dir, lock);
		close(lock);
	}
	if (listing)
		closedir(listing);
}

int sockdir_make(struct sockdir *sockdir, const char *name, struct err *err)
{
	const char *base = base_dir();

	clear_stale(base, name);
	for (int i = 0; i < TRIES; i++) {
		snprintf(sockdir->dir, sizeof(sockdir->dir), "%s/%s.XXXXXX", base, name);
		if (!mkdtemp(sockdir->dir))
			break;
		/* Somebody who clears up may have been here before us. */
		sockdir->lock = lock_dir(sockdir->dir);
		if (sockdir->lock >= 0)
			return 0;
		rmdir(sockdir->dir);
	}
	sockdir->dir[0] = '\0';
	return err_sys(err, STATUS_CONSOLE, errno, "cannot make a directory for sockets in %s",
		       base);
}

void sockdir_remove(struct sockdir *sockdir)
{
	if (!sockdir->dir[0])
		return;
	empty(sockdir->dir, sockdir->lock);
	close(sockdir->lock);
	sockdir->dir[0] = '\0';
}
