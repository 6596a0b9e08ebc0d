#include "lib/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"

/* A path that is wrong is the user's to mend (2); a disk that fails is the console's fault (6). */
static enum status io_status(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case EACCES:
	case EPERM:
	case EISDIR:
	case ENOTDIR:
	case ELOOP:
	case ENAMETOOLONG:
		return STATUS_USAGE;
	default:
		return STATUS_CONSOLE;
	}
}

static int io_fail(const char *path, struct err *err)
{
	int errnum = errno;

	return err_sys(err, io_status(errnum), errnum, "%s", path);
}

/* Appends what fd still holds, `limit` bytes at most. */
static int io_drain(int fd, const char *name, size_t limit, struct buf *buf, struct err *err)
{
	size_t start = buf->len;

	for (;;) {
		ssize_t got;

		/* One byte more than allowed is asked for, to see that it is not there. */
		if (buf->cap - buf->len < 2)
			buf_reserve(buf, 65536);
		got = read(fd, buf->at + buf->len, buf->cap - buf->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return io_fail(name, err);
		if (!got)
			return 0;
		buf->len += (size_t)got;
		buf->at[buf->len] = '\0';
		if (buf->len - start > limit)
			return err_set(err, STATUS_USAGE, "%s: larger than the limit of %zu bytes",
				       name, limit);
	}
}

int io_read_file(const char *path, size_t limit, struct buf *buf, struct err *err)
{
	int result = -1;
	int fd;

	if (!strcmp(path, "-"))
		return io_drain(STDIN_FILENO, "standard input", limit, buf, err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return io_fail(path, err);
	result = io_drain(fd, path, limit, buf, err);
	close(fd);
	return result;
}

int io_read_secret(const char *path, size_t limit, struct buf *buf, struct err *err)
{
	struct stat st;
	int result = -1;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return io_fail(path, err);
	if (fstat(fd, &st)) {
		io_fail(path, err);
		goto out;
	}
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		err_set(err, STATUS_USAGE, "%s: others can read this secret (try: chmod 600 %s)",
			path, path);
		goto out;
	}
	/* All the room at once: a buffer that grew would leave copies of the secret behind. */
	buf_reserve(buf, limit + 2);
	result = io_drain(fd, path, limit, buf, err);
	if (!result && buf->len && buf->at[buf->len - 1] == '\n')
		buf_cut(buf, buf->len - 1);
out:
	close(fd);
	return result;
}

bool io_is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int io_make_dirs(const char *path, int mode, struct err *err)
{
	char *part = mem_text(path);
	int result = 0;

	for (char *at = part + 1; *part && !result; at++) {
		char was = *at;

		if (was && was != '/')
			continue;
		*at = '\0';
		if (mkdir(part, (mode_t)mode) && errno != EEXIST)
			result = io_fail(part, err);
		*at = was;
		if (!was)
			break;
	}
	if (!result && !io_is_dir(path)) {
		errno = ENOTDIR;
		result = io_fail(path, err);
	}
	free(part);
	return result;
}

char *io_absolute(const char *path)
{
	char *expanded = io_expand_home(path), *whole;
	char dir[4096];

	if (*expanded == '/' || !getcwd(dir, sizeof(dir)))
		return expanded;
	whole = mem_format("%s/%s", strcmp(dir, "/") ? dir : "", expanded);
	free(expanded);
	return whole;
}

char *io_expand_home(const char *path)
{
	const char *home = getenv("HOME");
	const struct passwd *entry;

	if (path[0] != '~' || (path[1] && path[1] != '/'))
		return mem_text(path);
	if (!home || !*home) {
		entry = getpwuid(getuid());
		home = entry ? entry->pw_dir : "/";
	}
	return mem_format("%s%s", home, path + 1);
}
