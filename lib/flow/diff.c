#include "lib/flow/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"

/* In the child: the texts are its descriptors 3 and 4. They are moved up first, out of each other's
 * way. */
static void become_diff(int from, int to, int out)
{
	from = fcntl(from, F_DUPFD, 10);
	to = fcntl(to, F_DUPFD, 10);
	if (from >= 0 && to >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(from, 3) >= 0 &&
	    dup2(to, 4) >= 0)
		execlp("diff", "diff", "-a", "-u", "/dev/fd/3", "/dev/fd/4", (char *)NULL);
	_exit(127);
}

static int spooled(const struct buf *text, struct err *err)
{
	int fd = io_spool("output", err);

	if (fd < 0)
		return -1;
	if (io_write_all(fd, text->at, text->len, err) || lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void read_all(int fd, struct buf *into)
{
	char *piece = mem_alloc(65536);
	ssize_t got;

	while ((got = read(fd, piece, 65536)) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		if (got > 0)
			buf_add(into, piece, (size_t)got);
	}
	free(piece);
}

/* The names of the two files are ours, not the reader's. */
static void drop_names(struct buf *text)
{
	for (int i = 0; i < 2; i++) {
		char *end = memchr(text->at, '\n', text->len);

		buf_drop(text, end ? (size_t)(end + 1 - text->at) : text->len);
	}
}

int diff_unified(const struct buf *from, const struct buf *to, struct buf *into, struct err *err)
{
	int ends[2] = {-1, -1}, old = -1, new = -1, status = 0, result = -1;
	struct buf said = BUF_INIT;
	pid_t pid;

	if ((old = spooled(from, err)) < 0 || (new = spooled(to, err)) < 0)
		goto out;
	if (pipe(ends) || (pid = fork()) < 0) {
		err_sys(err, STATUS_CONSOLE, errno, "diff");
		goto out;
	}
	if (pid == 0)
		become_diff(old, new, ends[1]);
	close(ends[1]);
	ends[1] = -1;
	read_all(ends[0], &said);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		err_set(err, STATUS_CONSOLE, "diff(1) failed (is it installed?)");
		goto out;
	}
	drop_names(&said);
	buf_add(into, said.at, said.len);
	result = 0;
out:
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	if (old >= 0)
		close(old);
	if (new >= 0)
		close(new);
	buf_finish(&said);
	return result;
}
