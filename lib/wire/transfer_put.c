#include "lib/wire/transfer_put.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/deed.h"
#include "lib/wire/transfer_sftp.h"
#include "lib/wire/transfer_way.h"

/* So many bytes of names are arguments. */
#define NAMES_MAX ((size_t)4096)

/* A name of its own that no other copy has. */
static void task_name(struct put_task *task)
{
	unsigned char noise[8];
	size_t used;

	snprintf(task->stage, sizeof(task->stage), ".mroom-copy.");
	used = strlen(task->stage);
	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(task->stage + used, sizeof(task->stage) - used, noise, sizeof(noise));
}

static void *task_open(void *ctx, struct session *session)
{
	struct put_task *task = mem_zero(1, sizeof(*task));

	task->put = ctx;
	task->session = session;
	buf_init(&task->out);
	buf_init(&task->err);
	buf_init(&task->old_names);
	task_name(task);
	if (!task->put->loop)
		put_share_begin(task->put, session_loop(session));
	task->next = task->put->tasks;
	if (task->next)
		task->next->prev = task;
	task->put->tasks = task;
	return task;
}

static void task_exec(struct put_task *task, const char *script, const char *const *args)
{
	buf_clear(&task->err);
	session_script(task->session, script, args);
}

/* Looks, and puts in the same command where names are few and nothing else may come in between. */
static void task_look(struct put_task *task)
{
	static const char *const kinds[] = {"put", "into", "sync"};
	const struct transfer_put *put = task->put;
	const struct transfer_put_args *wants = &put->args;
	const char *first[] = {kinds[wants->kind],
			       put->place,
			       put->base,
			       put->top,
			       wants->name,
			       wants->old || tree_has_holes(wants->tree) ? "hash tar" : "hash",
			       wants->wish.delete ? "all" : "",
			       wants->owner ? wants->owner : "",
			       put->key};
	const char *second[] = {task->stage, task->stage, wants->suffix ? wants->suffix : "",
				wants->wish.delete ? "force" : ""};
	struct list args = LIST_INIT;

	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
		list_add(&args, first[i]);
	task->held = !wants->check && !wants->old && put->names.len <= NAMES_MAX;
	for (size_t i = 0; task->held && i < sizeof(second) / sizeof(*second); i++)
		list_add(&args, second[i]);
	for (size_t i = 0; task->held && i < wants->tree->count; i++)
		list_add(&args, wants->tree->at[i].suffix);
	list_take(&args, NULL);
	task->phase = PUT_LOOK;
	task_exec(task, task->held ? put->go : put->look, (const char *const *)args.at);
	list_finish(&args);
}

static void task_ready(void *own, struct session *session)
{
	struct put_task *task = own;
	const struct transfer_put *put = task->put;

	task->way_known = !put->args.sudo &&
			  transfer_way_is_sftp(put->console, session_server(session)->id);
	if (put->args.sftp || task->way_known)
		put_sftp_begin(task);
	else
		task_look(task);
}

static void task_looked(struct put_task *task);

/* Whether all of the answer is there, of a command that does not end with it. */
static bool task_has_answer(struct put_task *task)
{
	size_t size = strlen(task->stage) + 1;
	struct buf *out = &task->out;

	if (!task->held || task->phase != PUT_LOOK || out->len < size ||
	    out->at[out->len - 1] != '\n' ||
	    memcmp(out->at + out->len - size, task->stage, size - 1) != 0)
		return false;
	buf_cut(out, out->len - size);
	return true;
}

static void task_output(void *own, struct session *session, enum stream stream, const char *bytes,
			size_t count)
{
	struct put_task *task = own;
	struct err err = ERR_INIT;

	if (stream == STREAM_OUT && task->phase == PUT_SFTP) {
		put_sftp_output(task, bytes, count);
		return;
	}
	if (stream == STREAM_OUT && task->phase == PUT_OLD) {
		if (olds_feed(task->olds, bytes, count, &err))
			session_end(session, OUTCOME_FAILED, "answer", "%s", err.text);
		return;
	}
	transfer_keep(&task->out, &task->err, stream, bytes, count);
	if (stream == STREAM_OUT && task_has_answer(task))
		task_looked(task);
}

static size_t input_names(struct put_task *task, char *into, size_t room, bool *end)
{
	const struct buf *names = task->phase == PUT_OLD ? &task->old_names : &task->put->names;
	size_t left = names->len - task->asked, count = left < room ? left : room;

	memcpy(into, names->at + task->asked, count);
	task->asked += count;
	*end = task->asked == names->len;
	return count;
}

static size_t task_input(void *own, struct session *session, char *into, size_t room, bool *end)
{
	struct put_task *task = own;
	struct transfer_put *put = task->put;
	struct err err = ERR_INIT;
	int64_t before = task->stream.sent;
	long count;

	(void)session;
	if (task->phase == PUT_SFTP)
		return put_sftp_input(task, into, room);
	if (task->held) {
		*end = task->dismissed;
		return 0;
	}
	if (task->phase != PUT_SEND && task->phase != PUT_REST)
		return input_names(task, into, room, end);
	room = put_allow(put, room);
	if (room == 0)
		return 0;
	if (task->phase == PUT_REST)
		count = put_rest_input(task, into, room, end, &err);
	else
		count = tar_stream_read(&task->stream, into, room, end, &err);
	if (count < 0) {
		run_fail(put->run, &err);
		return 0;
	}
	put_spare(put, room - (size_t)count);
	put->sent += task->phase == PUT_REST ? count : task->stream.sent - before;
	return (size_t)count;
}

static void task_failed(struct put_task *task, const struct ending *ending)
{
	char message[512];

	deed_last_line(&task->err, message, sizeof(message));
	if (!*message)
		snprintf(message, sizeof(message), "exit status %d", ending->status);
	session_end(task->session, OUTCOME_FAILED, "exit", "%s", message);
}

/* The stream begins: to the command that looked, or to one of its own. */
void put_task_send(struct put_task *task)
{
	struct transfer_put *put = task->put;
	const struct transfer_put_args *wants = &put->args;
	const char *tops[2];
	char number[24];
	const char *args[] = {task->plan.into ? put->place : put->base,
			      task->stage,
			      task->plan.into && wants->kind != TRANSFER_AUTO ? "make" : "",
			      wants->owner ? wants->owner : "",
			      wants->suffix ? wants->suffix : "",
			      wants->wish.delete ? "force" : "",
			      number,
			      put->key,
			      NULL};

	put_tops(put, tops);
	snprintf(number, sizeof(number), "%zu", task->plan.sends);
	tar_stream_init(&task->stream, wants->tree, &task->plan, &wants->wish, put->window,
			tops[task->plan.into], put->key);
	task->phase = PUT_SEND;
	if (!task->held) {
		task_exec(task, put->put, args);
		return;
	}
	task->held = false;
	buf_format(&task->stream.head, "go %s\n", number);
	session_feed(task->session);
}

/* Asks for what is to be replaced: false when there is no such thing. */
static bool task_asks_old(struct put_task *task)
{
	const struct transfer_put *put = task->put;
	const char *tops[2];
	const char *args[] = {task->plan.into ? put->place : put->base,
			      task->plan.gnu_tar ? "gnu" : "", NULL};

	put_tops(put, tops);
	task->olds =
	    olds_create(&task->plan, put->args.tree, tops[task->plan.into], &task->old_names);
	if (!task->olds)
		return false;
	task->asked = 0;
	task->phase = PUT_OLD;
	task_exec(task, put->get, args);
	return true;
}

/* What is to be done is known, and so is what was there. */
static void task_act(struct put_task *task)
{
	struct transfer_put *put = task->put;

	/* The command that looked goes first, where nothing is to be put or something else to be done. */
	if (task->held && (plan_is_empty(&task->plan) || task->plan.part_count > 0)) {
		task->dismissed = true;
		session_feed(task->session);
		return;
	}
	if (put->args.check || plan_is_empty(&task->plan)) {
		session_end(task->session, OUTCOME_OK, NULL, "%s", "");
		return;
	}
	put->total += task->plan.bytes;
	if (task->plan.part_count > 0)
		put_rest_begin(task);
	else
		put_task_send(task);
}

void put_task_decide(struct put_task *task)
{
	struct transfer_put *put = task->put;

	plan_decide(&task->plan, put->args.tree, &put->args.wish);
	task->phase = PUT_LOOK;
	task->planned = true;
	if (!put->args.old || !task_asks_old(task))
		task_act(task);
}

static void task_looked(struct put_task *task)
{
	struct transfer_put *put = task->put;
	struct err err = ERR_INIT;
	const char *tops[2];

	put_tops(put, tops);
	if (plan_read(&task->plan, put->args.tree, tops, &task->out, &err)) {
		session_end(task->session, OUTCOME_FAILED, "answer", "%s", err.text);
		return;
	}
	buf_finish(&task->out);
	if (plan_wants_hashes(&task->plan, put->args.tree, &put->args.wish, put->wanted) == 0) {
		put_task_decide(task);
		return;
	}
	task->phase = PUT_HASH;
	put_hash(put);
}

/* The command that looked ended without having put anything. */
static void task_let_go(struct put_task *task, const struct ending *ending)
{
	bool dismissed = task->dismissed;

	task->held = task->dismissed = false;
	if (ending->status != 0)
		task_failed(task, ending);
	else if (dismissed)
		task_act(task);
	else
		session_end(task->session, OUTCOME_FAILED, "answer", "%s",
			    "the server's answer makes no sense");
}

static void task_ended(void *own, struct session *session, const struct ending *ending)
{
	struct put_task *task = own;

	if (task->phase == PUT_SFTP)
		put_sftp_ended(task, ending);
	else if (task->phase == PUT_LOOK && put_sftp_instead(task, ending))
		return;
	else if (ending->how != ENDING_EXIT)
		session_end_as(session, ending);
	else if (task->held)
		task_let_go(task, ending);
	else if (task->phase == PUT_REST)
		put_rest_ended(task, ending);
	else if (task->phase == PUT_OLD) /* what could not be read there does not end the copy */
		task_act(task);
	else if (ending->status != 0)
		task_failed(task, ending);
	else if (task->phase == PUT_LOOK)
		task_looked(task);
	else
		session_end(session, OUTCOME_OK, NULL, "%s", "");
}

static void task_closed(void *ctx, void *own, const struct server *server,
			const struct result *result)
{
	struct transfer_put *put = ctx;
	struct put_task *task = own;
	struct transfer_report report = {.plan = NULL};

	if (task) {
		report.plan = task->planned ? &task->plan : NULL;
		report.olds = task->olds;
		report.sent = task->sftp ? sftp_put_sent(task->sftp)
					 : task->stream.sent + task->rest_sent;
	}
	if (put->args.done)
		put->args.done(put->args.ctx, server, &report, result);
	if (!task)
		return;
	if (put->turn == task)
		put->turn = task->next;
	*(task->prev ? &task->prev->next : &put->tasks) = task->next;
	if (task->next)
		task->next->prev = task->prev;
	buf_finish(&task->out);
	buf_finish(&task->err);
	buf_finish(&task->old_names);
	tar_stream_finish(&task->stream);
	put_rest_forget(task);
	sftp_put_destroy(task->sftp);
	olds_destroy(task->olds);
	plan_finish(&task->plan);
	free(task);
}

const struct fleet_handler transfer_put_handler = {
    .open = task_open,
    .ready = task_ready,
    .output = task_output,
    .input = task_input,
    .ended = task_ended,
    .closed = task_closed,
};
