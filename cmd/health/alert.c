/* mroom health alert: runs a command once for each change of a check. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/health/report.h"
#include "lib/base/mem.h"
#include "lib/room/store_checkup.h"
#include "lib/room/store_state.h"

#define KEY "health_alert" /* the state: what was told last, {"disk:/":"CRITICAL"} */

extern char **environ;

struct alert_opts {
	const char *command;
	bool dry_run;
};

static const struct opt alert_opts[] = {
    {.name = "run",
     .type = OPT_TEXT,
     .offset = offsetof(struct alert_opts, command),
     .arg = "COMMAND",
     .help = "the shell command to run ([health] alert_command)"},
    {.letter = 'C',
     .name = "dry-run",
     .type = OPT_FLAG,
     .offset = offsetof(struct alert_opts, dry_run),
     .help = "show what would be told, and tell nobody"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom health alert --run 'logger -t health \"$MROOM_ID $MROOM_CHECK $MROOM_STATUS: "
    "$MROOM_TEXT\"'",
    "mroom health check -a -q >/dev/null; mroom health alert",
    NULL,
};

static const struct ask_spec spec = {
    .command = "mroom health alert",
    .args = "[TARGETS]",
    .about = "Runs a command once for each check that changed since it was told last; all servers "
	     "when none are named.",
    .opts = alert_opts,
    .examples = examples,
};

static const struct out_column columns[] = {
    {"id", OUT_TEXT, false},  {"status", OUT_TEXT, false}, {"check", OUT_TEXT, false},
    {"was", OUT_TEXT, false}, {"text", OUT_TEXT, false},   {"told", OUT_BOOL, false},
};

struct alert {
	struct ask *ask;
	struct alert_opts opts;
	const char *command;
	struct out *out;
	bool failed;
};

/* What changed. */
struct change {
	const struct patient *patient;
	const char *check, *text;
	const char *was, *status; /* words */
};

/* The environment of the command: ours, with what it is about. NULL-ended; texts are the list's. */
static void make_environment(struct list *list, const struct change *change)
{
	for (char **at = environ; *at; at++)
		list_add(list, *at);
	list_take(list, mem_format("MROOM_ID=%s", change->patient->id));
	list_take(list, mem_format("MROOM_ROOM=%s", change->patient->room));
	list_take(list, mem_format("MROOM_CHECK=%s", change->check));
	list_take(list, mem_format("MROOM_STATUS=%s", change->status));
	list_take(list, mem_format("MROOM_WAS=%s", change->was));
	list_take(list, mem_format("MROOM_TEXT=%s", change->text));
	list_take(list, NULL);
}

/* Runs it; true when it succeeded. Its output goes to our standard error: records are ours. */
static bool run_command(const struct alert *alert, const struct change *change)
{
	char *const argv[] = {(char *)"sh", (char *)"-c", (char *)alert->command, NULL};
	posix_spawn_file_actions_t actions;
	struct list environment = LIST_INIT;
	int status = -1;
	pid_t pid;
	bool good;

	make_environment(&environment, change);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	good = !posix_spawnp(&pid, "sh", &actions, NULL, argv, environment.at);
	while (good && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	posix_spawn_file_actions_destroy(&actions);
	list_finish(&environment);
	return good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Tells of one change, and notes in `told` that it was. */
static void tell(struct alert *alert, json_t *told, const struct change *change)
{
	bool good = !alert->opts.dry_run && run_command(alert, change);
	const char *values[] = {change->patient->id, change->status, change->check,
				change->was,	     change->text,   good ? "1" : "0"};

	out_row(alert->out, values);
	out_flush(alert->out, NULL);
	if (!good) {
		alert->failed = alert->failed || !alert->opts.dry_run;
		return;
	}
	if (strcmp(change->status, "OK") != 0)
		json_object_set_new(told, change->check, json_string(change->status));
	else
		json_object_del(told, change->check);
}

static json_t *told_before(struct alert *alert, const char *id)
{
	struct buf json = BUF_INIT;
	json_t *told = NULL;

	if (store_state_get(alert->ask->console.store, id, KEY, &json, NULL) == 1)
		told = json_loads(json.at, 0, NULL);
	buf_finish(&json);
	if (json_is_object(told))
		return told;
	json_decref(told);
	return json_object();
}

/* After each change, so that a console that is killed repeats one at most. */
static void remember(struct alert *alert, const char *id, const json_t *told)
{
	char *text = json_dumps(told, JSON_COMPACT | JSON_SORT_KEYS);

	if (!alert->opts.dry_run)
		store_state_set(alert->ask->console.store, id, KEY,
				json_object_size(told) ? text : NULL, "health", &alert->ask->err);
	free(text);
}

/* Whether the checkup would have the check if there were still something to say: containers are not known
 * while their engine keeps silent, and updates are looked for by --deep alone. */
static bool was_looked_at(const struct checkup *checkup, const char *check)
{
	const struct check *containers = checkup_find(checkup, "containers");

	if (!strncmp(check, "container:", 10))
		return !containers || containers->status != HEALTH_UNKNOWN;
	return strcmp(check, "updates") != 0;
}

static void tell_patient(struct alert *alert, const struct patient *patient)
{
	const struct checkup *checkup = &patient->checkup;
	json_t *told = told_before(alert, patient->id), *old = json_copy(told), *value;
	bool reached = !checkup_find(checkup, "reach") && !checkup_find(checkup, "stale") &&
		       !checkup_find(checkup, "probe");
	const char *check;

	for (size_t i = 0; i < checkup->count; i++) {
		const struct check *at = &checkup->at[i];
		const char *was = json_string_value(json_object_get(old, at->name));
		const struct change change = {patient, at->name, at->text, was ? was : "OK",
					      health_word(at->status)};

		if (!strcmp(change.was, change.status))
			continue;
		tell(alert, told, &change);
		remember(alert, patient->id, told);
	}
	/* What was trouble and is not there any more, unless the server cannot be asked. */
	json_object_foreach(old, check, value)
	{
		const struct change change = {patient, check, "not there any more",
					      json_string_value(value), "OK"};

		if (!reached || !change.was || checkup_find(checkup, check) ||
		    !was_looked_at(checkup, check))
			continue;
		tell(alert, told, &change);
		remember(alert, patient->id, told);
	}
	json_decref(old);
	json_decref(told);
}

/* Two at once would tell everything twice: the second waits. */
static int lock(struct alert *alert)
{
	char *path = home_path(&alert->ask->console.home, "alert.lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX))
		err_sys(&alert->ask->err, STATUS_CONSOLE, errno, "%s", path);
	free(path);
	return fd;
}

static int go(struct alert *alert, struct ward *ward)
{
	struct ask *ask = alert->ask;
	int fd;

	alert->command = alert->opts.command
			     ? alert->opts.command
			     : config_text(ask->console.config, "health", "alert_command");
	if (!*alert->command && !alert->opts.dry_run) {
		err_set(&ask->err, STATUS_USAGE,
			"no command to run (use --run, or set [health] alert_command)");
		return -1;
	}
	alert->out =
	    out_create(stdout, &ask->form, columns, sizeof(columns) / sizeof(*columns), &ask->err);
	fd = alert->out ? lock(alert) : -1;
	if (fd < 0 || report_load(ask, ward))
		return -1;
	for (size_t i = 0; i < ward->count && ask->err.status == STATUS_OK; i++)
		if (ward->at[i].checkup.at_ms) /* never checked is no news */
			tell_patient(alert, &ward->at[i]);
	close(fd);
	return ask->err.status != STATUS_OK || alert->failed ? -1 : 0;
}

int health_alert(int argc, char **argv)
{
	struct ask ask = {.operands = NULL};
	struct alert alert = {.ask = &ask};
	struct ward ward = {NULL, 0, 0};
	struct ask_spec own = spec;
	int status = HEALTH_UNKNOWN;

	own.into = &alert.opts;
	switch (ask_begin(&ask, &own, argc, argv)) {
	case OPT_RUN:
		if (ask.targets.list)
			status = ask_list(&ask, PICK_SHOW);
		else if (!go(&alert, &ward))
			status = HEALTH_OK;
		else if (alert.failed && ask.err.status == STATUS_OK)
			err_set(&ask.err, STATUS_FAILED,
				"the command failed: what it was to tell is told next time");
		break;
	case OPT_SHOWN:
		status = HEALTH_OK;
		break;
	case OPT_BAD:
		break;
	}
	if (out_finish(alert.out, &ask.err))
		status = HEALTH_UNKNOWN;
	ward_finish(&ward);
	return ask_end(&ask, &own, status);
}
