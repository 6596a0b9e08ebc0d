/*
 * What runs on the console, once per server, several at a time: stages that are programs here
 * (mroom-stage-NAME), and the hooks of a stage. Each gets the server as a record on standard input
 * and in its environment; what it prints is kept until its turn to be read.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"

#define SAID_MAX ((size_t)1024 * 1024)

/* What does not end when its time is over is killed so much later. */
#define GRACE_SECONDS 2

struct local {
	struct deploy *deploy;
	const char *const *argv; /* what runs; NULL: the server's job */
	local_fn *fn;
	void *ctx;
};

struct child {
	struct server server;
	pid_t pid;
	int spool;
};

static void tell(const char *name, const char *value)
{
	setenv(name, value ? value : "", 1);
}

/* id, host, port, user, room: a record as every tool takes it. */
static void tell_server(const struct server *server, const struct map *results)
{
	const char *fields[5] = {server->id, server->host, NULL, server->user, server->room};
	struct buf record = BUF_INIT;
	char port[24] = "22";

	if (server->port)
		snprintf(port, sizeof(port), "%ld", server->port);
	fields[2] = port;
	for (int i = 0; i < 5; i++) {
		if (i > 0)
			buf_char(&record, '\t');
		if (fields[i])
			quote_field(&record, fields[i], strlen(fields[i]));
	}
	tell("MROOM_SERVER_ID", server->id);
	tell("MROOM_SERVER_HOST", server->host);
	tell("MROOM_SERVER_PORT", port);
	tell("MROOM_SERVER_USER", server->user);
	tell("MROOM_SERVER_ROOM", server->room);
	tell("MROOM_SERVER", record.at);
	tell("MROOM_STAGE_RESULT", results ? map_get(results, server->id) : NULL);
	buf_finish(&record);
}

/* In a child: what runs is a process group of its own there, so that all of it ends when its time is over. */
static volatile pid_t group;
static volatile sig_atomic_t late, stopped;

static void pass_on(int number)
{
	if (number == SIGALRM) {
		kill(-group, late ? SIGKILL : SIGTERM);
		late = 1;
		alarm(GRACE_SECONDS);
	} else {
		stopped = 1;
		kill(-group, number);
	}
}

/* Runs it to its end, or for so long (0: as long as it takes); ends as it did, or by SIGALRM. Never returns. */
static void watch(char *const *argv, long seconds)
{
	static const int numbers[] = {SIGALRM, SIGINT, SIGTERM, SIGHUP};
	struct sigaction act = {.sa_handler = pass_on}, were[sizeof(numbers) / sizeof(*numbers)];
	int status = 0;

	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaddset(&act.sa_mask, numbers[i]);
	sigprocmask(SIG_BLOCK, &act.sa_mask, NULL);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		sigaction(numbers[i], NULL, &were[i]);
		if (were[i].sa_handler != SIG_IGN)
			sigaction(numbers[i], &act, NULL);
	}
	group = fork();
	if (group <= 0) {
		if (group < 0)
			_exit(127);
		setpgid(0, 0);
		for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
			sigaction(numbers[i], &were[i], NULL);
		sigprocmask(SIG_UNBLOCK, &act.sa_mask, NULL);
		execvp("sh", argv);
		_exit(127);
	}
	setpgid(group, group);
	alarm((unsigned)seconds);
	sigprocmask(SIG_UNBLOCK, &act.sa_mask, NULL);
	while (waitpid(group, &status, 0) < 0 && errno == EINTR)
		;
	alarm(0);
	/* A shell's background jobs are deaf to SIGINT. */
	if (late || stopped)
		kill(-group, late ? SIGKILL : SIGTERM);
	if (late || WIFSIGNALED(status)) {
		int number = late ? SIGALRM : WTERMSIG(status);

		signal(number, SIG_DFL);
		raise(number);
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 127);
}

/* In the child: never returns. */
static void become(const struct local *local, const struct child *child)
{
	static const char *const feed[] = {"sh", "-c", "printf '%s\\n' \"$MROOM_SERVER\" | \"$@\"",
					   "mroom"};
	struct buf job = BUF_INIT;
	const char *argv[12];
	size_t count = 0;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	tell_server(&child->server, local->deploy->results);
	if (local->argv) {
		for (; count < 4; count++)
			argv[count] = feed[count];
		for (size_t i = 0; local->argv[i] && count < 11; i++)
			argv[count++] = local->argv[i];
	} else {
		buf_format(&job, "exec </dev/null\necho '@ %s'\n", local->deploy->id);
		job_write(&job, local->deploy, &child->server);
		argv[count++] = "sh";
		argv[count++] = "-c";
		argv[count++] = job.at;
		argv[count++] = "mroom";
		argv[count++] = local->deploy->mode;
		argv[count++] = local->deploy->id;
	}
	argv[count] = NULL;
	if (dup2(child->spool, STDOUT_FILENO) >= 0 && dup2(child->spool, STDERR_FILENO) >= 0)
		watch((char *const *)(uintptr_t)argv, strtol(local->deploy->longest, NULL, 10));
	_exit(127);
}

static void read_said(int fd, struct buf *said)
{
	char piece[4096];
	ssize_t got;

	if (lseek(fd, 0, SEEK_SET) != 0)
		return;
	while (said->len < SAID_MAX && (got = read(fd, piece, sizeof(piece))) > 0)
		buf_add(said, piece, (size_t)got);
}

static void child_end(const struct local *local, struct child *child)
{
	struct buf said = BUF_INIT;
	int status = 0;

	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	read_said(child->spool, &said);
	local->fn(local->ctx, &child->server,
		  WIFEXITED(status)		? WEXITSTATUS(status)
		  : WTERMSIG(status) == SIGALRM ? LOCAL_LATE
						: LOCAL_KILLED,
		  &said);
	close(child->spool);
	server_finish(&child->server);
	buf_finish(&said);
}

static int child_begin(const struct local *local, struct child *child, const char *id,
		       struct err *err)
{
	server_init(&child->server);
	child->spool = -1;
	if (store_server_get(local->deploy->frame.console.store, id, &child->server, err) < 0)
		goto fail;
	/* One that is not in the store was named as an address, or by its name in ssh_config. */
	if (!child->server.id && server_parse_address(id, &child->server, err) < 0)
		goto fail;
	if (!child->server.id)
		child->server.id = mem_text(id);
	child->spool = io_spool("what a stage prints", err);
	if (child->spool < 0)
		goto fail;
	child->pid = fork();
	if (child->pid == 0)
		become(local, child);
	if (child->pid > 0)
		return 0;
	err_sys(err, STATUS_CONSOLE, errno, "sh: cannot be started");
fail:
	if (child->spool >= 0)
		close(child->spool);
	server_finish(&child->server);
	return -1;
}

int local_each(struct deploy *deploy, const char *const *argv, const struct list *ids, local_fn *fn,
	       void *ctx, struct err *err)
{
	const struct local local = {deploy, argv, fn, ctx};
	size_t most = deploy->frame.run_args.fanout > 0 ? (size_t)deploy->frame.run_args.fanout : 1;
	struct child *children = mem_zero(ids->count + 1, sizeof(*children));
	size_t begun = 0, ended = 0;
	int rc = 0;

	while (rc == 0 && begun < ids->count) {
		if (begun - ended == most)
			child_end(&local, &children[ended++]);
		rc = child_begin(&local, &children[begun], ids->at[begun], err);
		begun += rc == 0;
	}
	while (ended < begun)
		child_end(&local, &children[ended++]);
	free(children);
	return rc;
}
