/* One server's part: its command is run, what comes back is cut into lines, shown, gathered, put
 * into files. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/exec/exec.h"
#include "cmd/exec/files.h"
#include "cmd/exec/order.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/flow/normalize.h"

/* The names that a server knows itself by: id, host, and the first part of each. */
static void task_names(struct task *task, const struct server *server)
{
	const char *names[] = {server->id, server->host};

	for (size_t i = 0; i < 2; i++) {
		size_t first = strcspn(names[i], ".");

		list_add(&task->names, names[i]);
		if (names[i][first] && strspn(names[i], "0123456789.:") < strlen(names[i]))
			list_add_n(&task->names, names[i], first);
	}
}

static int task_file(struct exec *exec, const char *dir, const char *id)
{
	struct err err = ERR_INIT;
	int fd = dir ? files_open(dir, id, &err) : -1;

	if (dir && fd < 0)
		run_fail(exec->run, &err);
	return fd;
}

static void *task_open(void *ctx, struct session *session)
{
	struct task *task = mem_zero(1, sizeof(*task));
	struct exec *exec = ctx;

	task->exec = exec;
	task->number = exec->begun++;
	task->id = mem_text(session_server(session)->id);
	lines_init(&task->out);
	lines_init(&task->err);
	pile_init(&task->held_out);
	pile_init(&task->held_err);
	pile_init(&task->heap_out);
	pile_init(&task->heap_err);
	buf_init(&task->line);
	task->out_fd = task_file(exec, exec->args.outdir, task->id);
	task->err_fd = task_file(exec, exec->args.errdir, task->id);
	if (exec->args.normalize)
		task_names(task, session_server(session));
	if (exec->order)
		order_add(exec->order, task);
	return task;
}

void task_free(struct task *task)
{
	lines_finish(&task->out);
	lines_finish(&task->err);
	pile_finish(&task->held_out);
	pile_finish(&task->held_err);
	pile_finish(&task->heap_out);
	pile_finish(&task->heap_err);
	list_finish(&task->names);
	buf_finish(&task->line);
	free(task->id);
	free(task);
}

static void task_ready(void *own, struct session *session)
{
	struct task *task = own;

	if (task->exec->detach.how != DETACH_NOT)
		detach_ready(task, session);
	else
		command_exec(&task->exec->command, session, task->number);
}

static void task_ended(void *own, struct session *session, const struct ending *ending)
{
	struct task *task = own;

	if (task->exec->detach.how != DETACH_NOT)
		detach_ended(task, session, ending);
	else
		session_end_as(session, ending);
}

/* Adds a line to what is gathered; takes over its file unless it is shown as well. */
static int task_heap(struct task *task, struct pile *heap, const struct line *line, struct err *err)
{
	struct exec *exec = task->exec;
	int fd = line->spool;

	if (fd >= 0 && exec->live && (fd = dup(fd)) < 0)
		return err_set(err, STATUS_CONSOLE, "too many open files");
	if (fd >= 0 && pile_add_file(heap, fd, 0, line->count, NULL, err))
		return -1;
	if (fd < 0 && exec->args.normalize)
		normalize(&heap->bytes, line->bytes, line->count,
			  (const char *const *)task->names.at, task->names.count);
	else if (fd < 0)
		buf_add(&heap->bytes, line->bytes, line->count);
	buf_char(&heap->bytes, '\n');
	return pile_settle(heap, exec->line_limit, err);
}

static void task_line(struct task *task, enum stream stream, const struct line *line)
{
	struct exec *exec = task->exec;
	struct err err = ERR_INIT;

	if (exec->gather_out &&
	    task_heap(task, stream == STREAM_ERR ? &task->heap_err : &task->heap_out, line, &err))
		run_fail(exec->run, &err);
	if (exec->live)
		print_line(task, stream, line);
}

static void task_out_line(void *ctx, const struct line *line)
{
	task_line(ctx, STREAM_OUT, line);
}

static void task_err_line(void *ctx, const struct line *line)
{
	task_line(ctx, STREAM_ERR, line);
}

static void task_output(void *own, struct session *session, enum stream stream, const char *bytes,
			size_t count)
{
	struct task *task = own;
	struct exec *exec = task->exec;
	struct err err = ERR_INIT;
	int fd = stream == STREAM_ERR ? task->err_fd : task->out_fd;
	int rc = 0;

	(void)session;
	if (fd >= 0 && io_write_all(fd, bytes, count, &err))
		rc = err_prefix(&err, "%s of %s", stream == STREAM_ERR ? "--errdir" : "--outdir",
				task->id);
	else if (stream == STREAM_ERR)
		rc = lines_feed(&task->err, exec->line_limit, bytes, count, task_err_line, task,
				&err);
	else if (!exec->args.pass)
		rc = lines_feed(&task->out, exec->line_limit, bytes, count, task_out_line, task,
				&err);
	if (rc)
		run_fail(exec->run, &err);
}

static size_t task_input(void *own, struct session *session, char *into, size_t room, bool *end)
{
	struct task *task = own;

	(void)session;
	return task->exec->detach.how == DETACH_BEGIN ? detach_input(task, into, room, end)
						      : input_read(task, into, room, end);
}

/* A server that said nothing is in no group, as clush has it. */
static void task_gather(struct task *task)
{
	struct exec *exec = task->exec;
	struct err err = ERR_INIT;

	if (!exec->gather_out)
		return;
	if ((pile_size(&task->heap_out) > 0 &&
	     gather_add(exec->gather_out, task->id, &task->heap_out, &err)) ||
	    (pile_size(&task->heap_err) > 0 &&
	     gather_add(exec->gather_err, task->id, &task->heap_err, &err)))
		run_fail(exec->run, &err);
}

static void task_closed(void *ctx, void *own, const struct server *server,
			const struct result *result)
{
	struct exec *exec = ctx;
	struct task *task = own;

	if (task) {
		lines_end(&task->out, task_out_line, task);
		lines_end(&task->err, task_err_line, task);
		task_gather(task);
		if (task->out_fd >= 0)
			close(task->out_fd);
		if (task->err_fd >= 0)
			close(task->err_fd);
	}
	print_ended(exec, task, server->id, result);
	if (task && exec->order)
		order_done(exec->order, task);
	else if (task)
		task_free(task);
}

const struct fleet_handler task_handler = {
    .open = task_open,
    .ready = task_ready,
    .output = task_output,
    .ended = task_ended,
    .closed = task_closed,
};

/* With --stdin or --detach; without them no server needs a buffer for input. */
const struct fleet_handler task_feeding_handler = {
    .open = task_open,
    .ready = task_ready,
    .output = task_output,
    .ended = task_ended,
    .input = task_input,
    .closed = task_closed,
};
