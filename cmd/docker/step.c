#include "cmd/docker/step.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void endings(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
static struct sigaction were[sizeof(numbers) / sizeof(*numbers)];
static volatile sig_atomic_t noted;

static void note(int number)
{
	(void)number;
	noted = 1;
}

/* By handlers, not by a mask: that of this thread would not be that of libuv's. */
void step_hold(void)
{
	struct sigaction ours = {.sa_handler = note, .sa_flags = SA_RESTART};

	sigemptyset(&ours.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		sigaction(numbers[i], NULL, &were[i]);
		if (were[i].sa_handler != SIG_IGN)
			sigaction(numbers[i], &ours, NULL);
	}
}

static int interrupted(struct err *err)
{
	return err_set(err, STATUS_INTERRUPTED, "interrupted");
}

int step_interrupted(struct err *err)
{
	return noted && err->status == STATUS_OK ? interrupted(err) : 0;
}

void step_release(void)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaction(numbers[i], &were[i], NULL);
}

/* Whether one waits to be delivered, or was; it is used up. */
static bool came_meanwhile(void)
{
	const struct timespec now = {0, 0};
	sigset_t set;
	bool came = noted;

	endings(&set);
	while (sigtimedwait(&set, NULL, &now) > 0)
		came = true;
	return came;
}

static int start(const char *const *argv, const sigset_t *mask, pid_t *child)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t plain;
	int error;

	sigemptyset(&plain);
	sigaddset(&plain, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, mask);
	posix_spawnattr_setsigdefault(&attributes, &plain);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error = posix_spawnp(child, argv[0], &files, &attributes, (char *const *)(uintptr_t)argv,
			     environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static int judge(int status, struct err *err)
{
	if (WIFSIGNALED(status))
		return err_set(err, STATUS_USAGE, "killed by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status))
		return err_set(err, STATUS_USAGE, "exit status %d", WEXITSTATUS(status));
	return 0;
}

int step_run(const char *const *argv, const char *what, struct err *err)
{
	sigset_t none, wanted, before;
	bool came = false;
	int status = 0, error, result;
	pid_t child;

	sigemptyset(&none);
	endings(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, &before);
	error = start(argv, &none, &child);
	if (error) {
		result = err_sys(err, STATUS_USAGE, error, "%s", argv[0]);
		goto out;
	}
	while (!waitpid(child, &status, WNOHANG)) {
		/* Another thread may have had it. */
		const struct timespec while_looking = {0, 100000000};
		int number = sigtimedwait(&wanted, NULL, &while_looking);

		if (noted || (number > 0 && number != SIGCHLD)) {
			came = true;
			kill(child, SIGTERM);
		}
	}
	/* ^C on a terminal reaches the program as well, which may be the faster one. */
	came = came_meanwhile() || came;
	result = came ? interrupted(err) : judge(status, err);
	if (result && !came)
		err_prefix(err, "%s", argv[0]);
out:
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result ? err_prefix(err, "%s", what) : 0;
}
