#include "lib/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: becomes the program. input -1: nothing to read. */
static void become(const char *const *argv, int input, int out)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (input < 0)
		input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

static int drain(int fd, size_t limit, struct buf *out, struct err *err)
{
	size_t start = out->len;

	for (;;) {
		ssize_t got;

		if (out->cap == out->len)
			buf_reserve(out, 65536);
		got = read(fd, out->at + out->len, out->cap - out->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? err_sys(err, STATUS_CONSOLE, errno, "reading from it") : 0;
		out->len += (size_t)got;
		out->at[out->len] = '\0';
		if (out->len - start > limit)
			return err_set(err, STATUS_USAGE, "it printed more than %zu bytes", limit);
	}
}

static int judge(int status, struct err *err)
{
	if (WIFSIGNALED(status))
		return err_set(err, STATUS_USAGE, "killed by signal %d", WTERMSIG(status));
	switch (WEXITSTATUS(status)) {
	case 0:
		return 0;
	case 126:
		return err_set(err, STATUS_USAGE, "it cannot be run");
	case 127:
		return err_set(err, STATUS_USAGE, "no such program");
	default:
		return err_set(err, STATUS_USAGE, "exit status %d", WEXITSTATUS(status));
	}
}

int child_read(const char *const *argv, size_t limit, struct buf *out, struct err *err)
{
	return child_filter(argv, -1, limit, out, err);
}

int child_filter(const char *const *argv, int input, size_t limit, struct buf *out, struct err *err)
{
	int ends[2];
	int status = 0;
	int result;
	pid_t child;

	if (pipe(ends))
		return err_sys(err, STATUS_CONSOLE, errno, "%s", argv[0]);
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	child = fork();
	if (!child)
		become(argv, input, ends[1]);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return err_sys(err, STATUS_CONSOLE, errno, "%s: cannot be started", argv[0]);
	}
	result = drain(ends[0], limit, out, err);
	close(ends[0]);
	if (result)
		kill(child, SIGTERM);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!result)
		result = judge(status, err);
	return result ? err_prefix(err, "%s", argv[0]) : 0;
}
