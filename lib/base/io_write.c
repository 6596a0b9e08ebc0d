#include "lib/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"

int io_write_all(int fd, const void *bytes, size_t count, struct err *err)
{
	const char *at = bytes;

	while (count) {
		ssize_t done = write(fd, at, count);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_sys(err, STATUS_CONSOLE, errno, "write");
		at += done;
		count -= (size_t)done;
	}
	return 0;
}

/* Makes the new name itself survive a power cut. Some file systems cannot: no error then. */
static void sync_dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? mem_text_n(path, (size_t)(slash - path) + 1) : mem_text(".");
	int fd = open(dir, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

char *io_temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int dir_size = slash ? (int)(slash - path) + 1 : 0;

	return mem_format("%.*s.%s.XXXXXX", dir_size, path, path + dir_size);
}

int io_replace_file(const char *path, const void *bytes, size_t count, int mode, struct err *err)
{
	char *target = realpath(path, NULL); /* a link stays one: what it points to is replaced */
	char *temporary;
	int result = -1;
	int fd;

	if (!target)
		target = mem_text(path);
	temporary = io_temporary_name(target);
	fd = mkstemp(temporary);
	if (fd < 0) {
		err_sys(err, STATUS_CONSOLE, errno, "%s: cannot make a file beside it", path);
		goto out;
	}
	if (io_write_all(fd, bytes, count, err)) {
		err_prefix(err, "%s", path);
		goto out;
	}
	if (fchmod(fd, (mode_t)mode) || fsync(fd) || rename(temporary, target)) {
		err_sys(err, STATUS_CONSOLE, errno, "%s", path);
		goto out;
	}
	sync_dir_of(target);
	result = 0;
out:
	if (fd >= 0) {
		close(fd);
		if (result)
			unlink(temporary);
	}
	free(temporary);
	free(target);
	return result;
}

void io_drop_stdout(void)
{
	if (!freopen("/dev/null", "w", stdout))
		clearerr(stdout);
}

int io_close_stdout(struct err *err)
{
	int copy;
	int errnum = 0;

	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		errnum = errno ? errno : EIO; /* an earlier write failed; its errno is gone */
	} else {
		/* Some file systems tell of a full disk only at close; stdout itself stays open. */
		copy = dup(STDOUT_FILENO);
		if (copy >= 0 && close(copy))
			errnum = errno;
	}
	if (!errnum)
		return 0;
	io_drop_stdout(); /* neither exit(3) nor a second call shall meet it */
	return err_sys(err, STATUS_CONSOLE, errnum, "standard output");
}

int io_spool(const char *what, struct err *err)
{
	const char *dir = getenv("TMPDIR");
	char *path = mem_format("%s/mroom.XXXXXX", dir && *dir ? dir : "/tmp");
	int fd = mkstemp(path);

	if (fd < 0) {
		err_sys(err, STATUS_CONSOLE, errno, "%s cannot be kept in %s", what, path);
	} else {
		unlink(path);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	free(path);
	return fd;
}
