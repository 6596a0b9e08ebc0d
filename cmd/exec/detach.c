#include "cmd/exec/detach.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/exec/exec.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/store_run_find.h"

/* Of exec-detach.sh. */
#define RUNNING 75
#define NOTHING 76
#define LOST 77

#define MARK " # detached "

/* The name that the run's commands are kept by, from the end of its title. */
static int find_name(struct detach *detach, struct store *store, long run, struct err *err)
{
	char *title = NULL, *name = NULL;
	int found = store_run_title(store, run, &title, err);

	for (char *at = title; at && (at = strstr(at, MARK)); name = at)
		at += strlen(MARK);
	if (found == 0)
		err_set(err, STATUS_USAGE, "there is no run %ld (see: mroom log)", run);
	else if (found > 0 && (!name || strlen(name) != sizeof(detach->name) - 1 ||
			       strspn(name, "0123456789abcdef") != strlen(name)))
		err_set(err, STATUS_USAGE, "run %ld detached no commands (see: mroom log)", run);
	else if (found > 0)
		memcpy(detach->name, name, sizeof(detach->name));
	free(title);
	return *detach->name ? 0 : -1;
}

/* RUN is a number, or as among targets. */
static int collect_open(struct detach *detach, const char *text, struct console *console,
			struct pick_args *targets, struct err *err)
{
	bool named = targets->where.count > 0 || targets->rooms.count > 0 || targets->all;
	struct err ignored = ERR_INIT;
	char *where;
	long run;

	if (num_parse(text + (strncmp(text, "@run:", 5) ? 0 : 5), 1, 1000000000000, &run, &ignored))
		return err_set(err, STATUS_USAGE, "--collect: '%s' is no number of a run", text);
	if (find_name(detach, console->store, run, err))
		return -1;
	where = mem_format("@run:%ld:ok", run);
	if (!named)
		list_add(&targets->where, where);
	free(where);
	return 0;
}

int detach_open(struct detach *detach, const struct command_args *args, struct console *console,
		struct pick_args *targets, struct err *err)
{
	unsigned char noise[8];

	if (args->detach && args->collect)
		return err_set(err, STATUS_USAGE, "--detach begins, --collect ends: one of them");
	if (!args->detach && !args->collect)
		return 0;
	if (args->tty || args->raw)
		return err_set(err, STATUS_USAGE, "--%s does not go together with --%s",
			       args->tty ? "tty" : "raw", args->detach ? "detach" : "collect");
	detach->how = args->detach ? DETACH_BEGIN : DETACH_COLLECT;
	randombytes_buf(noise, sizeof(noise));
	if (args->detach)
		sodium_bin2hex(detach->name, sizeof(detach->name), noise, sizeof(noise));
	else if (collect_open(detach, args->collect, console, targets, err))
		return -1;
	detach->script = remote_script(&console->home, "detach.sh exec-detach.sh", err);
	return detach->script ? 0 : -1;
}

void detach_close(struct detach *detach)
{
	free(detach->script);
}

char *detach_title(const struct detach *detach, const char *title)
{
	return mem_format("%s" MARK "%s", title, detach->name);
}

static void step(struct task *task, struct session *session, enum detach_step next,
		 const char *third, const char *fourth)
{
	static const char *const words[] = {"start", "ask", "take", "remove"};
	const struct detach *detach = &task->exec->detach;
	const char *argv[] = {words[next], detach->name, third, fourth, NULL};

	task->step = next;
	session_script(session, detach->script, argv);
}

void detach_ready(struct task *task, struct session *session)
{
	const struct command *command = &task->exec->command;
	struct err err = ERR_INIT;
	char size[24];

	task->input_at = 0;
	task->line_at = 0;
	buf_clear(&task->line);
	if (task->exec->detach.how == DETACH_COLLECT) {
		step(task, session, DETACH_ASK, NULL, NULL);
	} else if (command_line(command, session, task->number, &task->line, &err)) {
		session_end(session, OUTCOME_FAILED, "command", "%s", err.text);
	} else {
		snprintf(size, sizeof(size), "%zu", task->line.len);
		step(task, session, DETACH_START, size, command->script.len > 0 ? "script" : "");
	}
}

static void asked(struct task *task, struct session *session, const struct ending *ending)
{
	switch (ending->status) {
	case 0:
	case LOST:
		task->lost = ending->status == LOST;
		step(task, session, DETACH_TAKE, NULL, NULL);
		break;
	case RUNNING:
		session_end(session, OUTCOME_SKIPPED, "running", "still running");
		break;
	case NOTHING:
		session_end(session, OUTCOME_FAILED, "nothing",
			    "nothing is kept there (was it collected, or begun as another user?)");
		break;
	default:
		session_end_as(session, ending);
		break;
	}
}

void detach_ended(struct task *task, struct session *session, const struct ending *ending)
{
	struct detach *detach = &task->exec->detach;
	char status[24];

	if (ending->how != ENDING_EXIT || (task->step == DETACH_START && ending->status != 0)) {
		session_end_as(session, ending);
		return;
	}
	switch (task->step) {
	case DETACH_START:
		detach->begun++;
		session_end(session, OUTCOME_OK, "detached", "goes on as %s", detach->name);
		break;
	case DETACH_ASK:
		asked(task, session, ending);
		break;
	case DETACH_TAKE:
		/* All of it is here: what is kept goes, and its end becomes the server's. */
		snprintf(status, sizeof(status), "%d", ending->status);
		step(task, session, DETACH_REMOVE, status, NULL);
		break;
	case DETACH_REMOVE:
		if (task->lost)
			session_end(session, OUTCOME_FAILED, "lost",
				    "gone without an exit status (was the server restarted?)");
		else
			session_end_as(session, ending);
		break;
	}
}

static size_t take(const struct buf *from, size_t at, char *into, size_t room)
{
	size_t left = from->len - at, count = left < room ? left : room;

	if (count > 0)
		memcpy(into, from->at + at, count);
	return count;
}

size_t detach_input(struct task *task, char *into, size_t room, bool *end)
{
	const struct buf *script = &task->exec->command.script;
	size_t count = take(&task->line, task->line_at, into, room);

	task->line_at += count;
	if (count > 0)
		return count;
	if (task->exec->input_fd >= 0)
		return input_read(task, into, room, end);
	count = take(script, (size_t)task->input_at, into, room);
	task->input_at += (off_t)count;
	*end = (size_t)task->input_at == script->len;
	return count;
}
