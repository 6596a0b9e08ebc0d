/* A server's part of a copy where it goes over SFTP: found out when its shell does not answer, and
 * remembered in its state. */
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/deed.h"
#include "lib/wire/transfer_sftp.h"
#include "lib/wire/transfer_way.h"

void put_sftp_begin(struct put_task *task)
{
	static const struct exec_how how = {.raw = true, .subsystem = true};

	task->phase = PUT_SFTP;
	task->sftp = sftp_put_create(task->put, &task->plan);
	buf_clear(&task->err);
	session_exec(task->session, "sftp", &how);
}

/* What was there is known, and so is what is to be done. */
static void sftp_act(struct put_task *task)
{
	struct transfer_put *put = task->put;

	if (put->args.check || plan_is_empty(&task->plan)) {
		session_end(task->session, OUTCOME_OK, NULL, "%s", "");
		return;
	}
	put->total += task->plan.bytes;
	sftp_put_send(task->sftp);
	session_feed(task->session);
}

static void sftp_looked(struct put_task *task)
{
	struct transfer_put *put = task->put;

	if (!task->planned) {
		task->planned = true;
		transfer_way_learn(put->console, session_server(task->session)->id,
				   task->way_known, true);
		if (put->args.old)
			task->olds = olds_create(&task->plan, put->args.tree,
						 task->plan.into ? put->args.name : put->top,
						 &task->old_names);
		if (task->olds) {
			sftp_put_fetch(task->sftp, task->olds);
			session_feed(task->session);
			return;
		}
	}
	sftp_act(task);
}

/* The task may be gone afterwards. */
static void sftp_settle(struct put_task *task)
{
	const struct err *trouble = sftp_put_trouble(task->sftp);

	switch (sftp_put_state(task->sftp)) {
	case SFTP_PUT_LOOKED:
		sftp_looked(task);
		break;
	case SFTP_PUT_DONE:
		session_end(task->session, OUTCOME_OK, NULL, "%s", "");
		break;
	case SFTP_PUT_FAILED:
		if (trouble->status == STATUS_CONSOLE)
			run_fail(task->put->run, trouble);
		else
			session_end(task->session, OUTCOME_FAILED, "sftp", "%s", trouble->text);
		break;
	default:
		break;
	}
}

void put_sftp_output(struct put_task *task, const char *bytes, size_t count)
{
	struct session *session = task->session;

	sftp_put_feed(task->sftp, bytes, count);
	if (sftp_put_state(task->sftp) == SFTP_PUT_BUSY)
		session_feed(session);
	else
		sftp_settle(task);
}

size_t put_sftp_input(struct put_task *task, char *into, size_t room)
{
	struct transfer_put *put = task->put;
	int64_t before = sftp_put_sent(task->sftp);
	size_t count = sftp_put_take(task->sftp, into, room);

	put->sent += sftp_put_sent(task->sftp) - before;
	if (sftp_put_state(task->sftp) == SFTP_PUT_FAILED)
		sftp_settle(task);
	return count;
}

bool put_sftp_instead(struct put_task *task, const struct ending *ending)
{
	if (task->sftp || task->put->args.sudo ||
	    !transfer_way_wanted(task->session, ending))
		return false;
	deed_last_line(task->err.len ? &task->err : &task->out, task->no_shell,
		       sizeof(task->no_shell));
	buf_clear(&task->out);
	put_sftp_begin(task);
	return true;
}

void put_sftp_ended(struct put_task *task, const struct ending *ending)
{
	char message[512];

	if (ending->how == ENDING_LOST) {
		session_end_as(task->session, ending);
		return;
	}
	if (!task->planned && *task->no_shell) {
		session_end(task->session, OUTCOME_FAILED, "exec", "%s (and no SFTP)",
			    task->no_shell);
		return;
	}
	deed_last_line(&task->err, message, sizeof(message));
	session_end(task->session, OUTCOME_FAILED, "sftp", "the server's SFTP ended%s%s",
		    *message ? ": " : "", message);
}
