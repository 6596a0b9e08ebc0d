#include "lib/room/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"

struct logfile {
	char *path;
	int64_t limit;
	long keep;
	int fd; /* -1: not open */
};

static int file_open(struct logfile *logfile, struct err *err)
{
	logfile->fd = open(logfile->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (logfile->fd < 0)
		return err_sys(err, STATUS_CONSOLE, errno, "%s", logfile->path);
	return 0;
}

static void file_close(struct logfile *logfile)
{
	if (logfile->fd >= 0)
		close(logfile->fd); /* and with it the lock */
	logfile->fd = -1;
}

struct logfile *logfile_open(const char *path, int64_t limit, long keep, struct err *err)
{
	struct logfile *logfile = mem_zero(1, sizeof(*logfile));

	logfile->path = mem_text(path);
	logfile->limit = limit;
	logfile->keep = keep > 0 ? keep : 1;
	if (file_open(logfile, err)) {
		logfile_close(logfile);
		return NULL;
	}
	return logfile;
}

void logfile_close(struct logfile *logfile)
{
	if (!logfile)
		return;
	file_close(logfile);
	free(logfile->path);
	free(logfile);
}

/* Whether the name still leads to the file that is open. */
static bool is_current(const struct logfile *logfile, const struct stat *mine)
{
	struct stat there;

	return !stat(logfile->path, &there) && there.st_dev == mine->st_dev &&
	       there.st_ino == mine->st_ino;
}

/* Locks the file that the path names now. Who waited for the lock may have waited at one that was
 * put away. */
static int lock_current(struct logfile *logfile, struct stat *st, struct err *err)
{
	for (;;) {
		if (logfile->fd < 0 && file_open(logfile, err))
			return -1;
		while (flock(logfile->fd, LOCK_EX))
			if (errno != EINTR)
				return err_sys(err, STATUS_CONSOLE, errno, "%s", logfile->path);
		if (fstat(logfile->fd, st))
			return err_sys(err, STATUS_CONSOLE, errno, "%s", logfile->path);
		if (is_current(logfile, st))
			return 0;
		file_close(logfile);
	}
}

/* Renames FILE.3 to FILE.4, ... FILE to FILE.1; the lock on FILE is held, so nobody else does. */
static int put_away(struct logfile *logfile, struct err *err)
{
	int result = 0;

	for (long number = logfile->keep - 1; number >= 0 && !result; number--) {
		char *from =
		    number ? mem_format("%s.%ld", logfile->path, number) : mem_text(logfile->path);
		char *to = mem_format("%s.%ld", logfile->path, number + 1);

		if (rename(from, to) && errno != ENOENT)
			result = err_sys(err, STATUS_CONSOLE, errno, "%s", to);
		free(from);
		free(to);
	}
	file_close(logfile);
	return result;
}

int logfile_write(struct logfile *logfile, const char *lines, size_t count, struct err *err)
{
	struct stat st;
	int result;

	if (lock_current(logfile, &st, err))
		return -1;
	/* Something else than a file, such as a pipe or /dev/stderr, is but written to. */
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): st was filled */
	if (S_ISREG(st.st_mode) && logfile->limit && st.st_size &&
	    st.st_size + (int64_t)count > logfile->limit &&
	    (put_away(logfile, err) || lock_current(logfile, &st, err)))
		return -1;
	result = io_write_all(logfile->fd, lines, count, err);
	flock(logfile->fd, LOCK_UN);
	return result ? err_prefix(err, "%s", logfile->path) : 0;
}
