#include "lib/base/sockdir.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool exists(const char *dir)
{
	return !access(dir, F_OK);
}

static void put(const char *dir, const char *name)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd >= 0)
		close(fd);
}

/* A process that is killed while it has one: its directory. */
static void killed(char dir[100])
{
	struct sockdir made = {.dir = ""};
	int ends[2], status;
	pid_t child;

	if (pipe(ends))
		return;
	child = fork();
	if (!child) {
		sockdir_make(&made, "mroom-unit", NULL);
		put(made.dir, "c");
		if (write(ends[1], made.dir, sizeof(made.dir)) > 0)
			pause();
		_exit(1);
	}
	if (read(ends[0], dir, sizeof(made.dir)) < 1)
		*dir = '\0';
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	char base[] = "/tmp/mroom-dir.XXXXXX";
	struct sockdir one = {.dir = ""}, two = {.dir = ""}, none = {.dir = ""};
	struct err err = ERR_INIT;
	char left[100], other[140];
	struct stat what;

	if (!mkdtemp(base))
		return 1;
	setenv("TMPDIR", base, 1);
	tap_ok(!sockdir_make(&one, "mroom-unit", &err), "a directory is made");
	tap_ok(!strncmp(one.dir, base, strlen(base)), "in TMPDIR");
	tap_ok(!stat(one.dir, &what) && (what.st_mode & 0777) == 0700, "for its owner alone");
	put(one.dir, "c");
	killed(left);
	tap_ok(exists(left), "one whose maker was killed stays");
	snprintf(other, sizeof(other), "%s/mroom-units.abcdef", base);
	mkdir(other, 0700);
	tap_ok(!sockdir_make(&two, "mroom-unit", &err), "the next is made");
	tap_ok(!exists(left), "which clears the dead one away, with what was in it");
	tap_ok(exists(one.dir) && strcmp(one.dir, two.dir) != 0, "but none of a process that lives");
	tap_ok(exists(other), "and none of another name");
	sockdir_remove(&one);
	tap_ok(!*one.dir, "one is removed");
	sockdir_remove(&two);
	sockdir_remove(&none);
	rmdir(other);
	tap_ok(!rmdir(base), "and nothing is left");
	setenv("TMPDIR", "/none/of/this", 1);
	tap_ok(sockdir_make(&one, "mroom-unit", &err) == -1 && err.status == STATUS_CONSOLE,
	       "where none can be made, that is said");
	tap_text(err.text, "cannot make a directory for sockets in /none/of/this: No such file or directory", "with the place");
	return tap_done();
}
