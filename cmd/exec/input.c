/* The same input for every server: each reads the file at its own pace, so it must be one that can be
 * read again; a pipe is copied to an unlinked file first. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/exec/exec.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

static int spool(int from, const char *name, struct err *err)
{
	char *bytes = mem_alloc(65536);
	int fd = io_spool("standard input", err);
	ssize_t got;

	while (fd >= 0 && (got = read(from, bytes, 65536)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err_sys(err, STATUS_USAGE, errno, "%s", name);
		if (got < 0 || io_write_all(fd, bytes, (size_t)got, err)) {
			close(fd);
			fd = -1;
			break;
		}
	}
	free(bytes);
	return fd;
}

int input_open(const char *path, int *fd, struct err *err)
{
	bool standard = !strcmp(path, "-");
	int from = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	*fd = from;
	if (from < 0 || fstat(from, &st))
		return err_sys(err, STATUS_USAGE, errno, "%s", path);
	if (S_ISDIR(st.st_mode)) {
		close(from);
		return err_set(err, STATUS_USAGE, "%s: a directory cannot be fed to a command", path);
	}
	if (S_ISREG(st.st_mode))
		return 0;
	*fd = spool(from, path, err);
	if (!standard)
		close(from);
	return *fd < 0 ? -1 : 0;
}

size_t input_read(struct task *task, char *into, size_t room, bool *end)
{
	int fd = task->exec->input_fd;
	ssize_t got = fd < 0 ? 0 : pread(fd, into, room, task->input_at);

	if (got <= 0) {
		struct err err = ERR_INIT;

		*end = true;
		if (got < 0) {
			err_sys(&err, STATUS_CONSOLE, errno, "%s", task->exec->args.input);
			run_fail(task->exec->run, &err);
		}
		return 0;
	}
	task->input_at += got;
	return (size_t)got;
}
