#include "cmd/tunnel/drive.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/flow/lines.h"

/* An answer's line, and all of an answer, are short. */
#define LINE_LIMIT ((size_t)16 * 1024)
/* How long we listen on after a driver ended, for what it left in the pipe. */
#define LINGER_MS 100

struct drive {
	struct drive_args args;
	uv_process_t process;
	uv_pipe_t in, out;
	uv_timer_t timer;
	uv_write_t write;
	struct buf input;
	struct lines lines;
	int open_handles;
	bool exited, ended, late, killed, finished;
	int64_t status;
	int signal;
	char bytes[4096];
};

static void drive_freed(uv_handle_t *handle)
{
	struct drive *drive = handle->data;

	if (--drive->open_handles)
		return;
	lines_finish(&drive->lines);
	buf_wipe(&drive->input);
	free(drive);
}

static void drive_line(void *ctx, const struct line *line)
{
	struct drive *drive = ctx;
	struct drive_line out = {.count = 0};
	char *text, *at;

	if (line->spool >= 0) { /* longer than any answer: not one of ours */
		close(line->spool);
		return;
	}
	at = text = mem_text_n(line->bytes, line->count);
	for (size_t i = 0; i < DRIVE_WORDS; i++) {
		out.words[i] = at;
		if (*at)
			out.count = i + 1;
		at += i + 1 < DRIVE_WORDS ? strcspn(at, "\t") : strlen(at);
		if (*at)
			*at++ = '\0';
	}
	if (drive->args.line && out.count)
		drive->args.line(drive->args.ctx, &out);
	mem_wipe_free(text);
}

static void drive_close(struct drive *drive)
{
	uv_close((uv_handle_t *)&drive->process, drive_freed);
	uv_close((uv_handle_t *)&drive->out, drive_freed);
	uv_close((uv_handle_t *)&drive->timer, drive_freed);
	if (!uv_is_closing((uv_handle_t *)&drive->in))
		uv_close((uv_handle_t *)&drive->in, drive_freed);
}

static void drive_finish(struct drive *drive)
{
	char why[128];

	if (drive->finished)
		return;
	drive->finished = true;
	lines_end(&drive->lines, drive_line, drive);
	*why = '\0';
	if (drive->late)
		snprintf(why, sizeof(why), "the driver did not finish in time");
	else if (drive->signal)
		snprintf(why, sizeof(why), "the driver was killed by signal %d", drive->signal);
	else if (drive->status)
		snprintf(why, sizeof(why), "the driver ended with status %d", (int)drive->status);
	drive_close(drive);
	drive->args.done(drive->args.ctx, *why ? why : NULL);
}

static void drive_lingered(uv_timer_t *timer)
{
	drive_finish(timer->data);
}

static void drive_check(struct drive *drive)
{
	if (drive->exited && drive->ended)
		drive_finish(drive);
	else if (drive->exited)
		uv_timer_start(&drive->timer, drive_lingered, LINGER_MS, 0);
}

static void drive_exited(uv_process_t *process, int64_t status, int signal)
{
	struct drive *drive = process->data;

	drive->exited = true;
	drive->status = status;
	drive->signal = signal;
	drive_check(drive);
}

static void drive_room(uv_handle_t *handle, size_t wanted, uv_buf_t *into)
{
	struct drive *drive = handle->data;

	(void)wanted;
	*into = uv_buf_init(drive->bytes, sizeof(drive->bytes));
}

static void drive_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from)
{
	struct drive *drive = stream->data;

	if (count > 0) {
		lines_feed(&drive->lines, LINE_LIMIT, from->base, (size_t)count, drive_line, drive,
			   NULL);
	} else if (count < 0) {
		uv_read_stop(stream);
		drive->ended = true;
		drive_check(drive);
	}
}

void drive_kill(struct drive *drive)
{
	if (drive->exited)
		return;
	drive->killed = true;
	kill(-drive->process.pid, SIGKILL);
	uv_process_kill(&drive->process, SIGKILL);
}

static void drive_late(uv_timer_t *timer)
{
	struct drive *drive = timer->data;

	drive->late = true;
	drive_kill(drive);
}

static void drive_written(uv_write_t *write, int status)
{
	struct drive *drive = write->data;

	(void)status; /* a driver need not read its profile */
	mem_wipe(drive->input.at, drive->input.len);
	if (!uv_is_closing((uv_handle_t *)&drive->in))
		uv_close((uv_handle_t *)&drive->in, drive_freed);
}

static void drive_begin(struct drive *drive)
{
	uv_buf_t bytes = uv_buf_init(drive->input.at, (unsigned)drive->input.len);

	drive->write.data = drive;
	uv_timer_start(&drive->timer, drive_late, (uint64_t)drive->args.deadline_ms, 0);
	uv_read_start((uv_stream_t *)&drive->out, drive_room, drive_read);
	uv_write(&drive->write, (uv_stream_t *)&drive->in, &bytes, 1, drive_written);
}

static int open_log(const char *dir)
{
	char *path = dir ? mem_format("%s/log", dir) : mem_text("/dev/null");
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	free(path);
	return fd;
}

static int drive_spawn(struct drive *drive, uv_loop_t *loop)
{
	char *argv[] = {(char *)(uintptr_t)drive->args.path, (char *)(uintptr_t)drive->args.verb,
			NULL};
	int log = open_log(drive->args.dir);
	uv_stdio_container_t stdio[3] = {
	    {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&drive->in},
	    {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&drive->out},
	    {.flags = log >= 0 ? UV_INHERIT_FD : UV_IGNORE, .data.fd = log},
	};
	const uv_process_options_t options = {
	    .file = drive->args.path,
	    .args = argv,
	    .cwd = drive->args.dir ? drive->args.dir : "/",
	    .stdio = stdio,
	    .stdio_count = 3,
	    .flags = UV_PROCESS_DETACHED, /* a session, so that it can be killed as a group */
	    .exit_cb = drive_exited,
	};
	int rc = uv_spawn(loop, &drive->process, &options);

	if (log >= 0)
		close(log);
	return rc;
}

struct drive *drive_start(uv_loop_t *loop, const struct drive_args *args, struct err *err)
{
	struct drive *drive = mem_zero(1, sizeof(*drive));
	int rc;

	drive->args = *args;
	buf_init(&drive->input);
	buf_add(&drive->input, args->input->at, args->input->len);
	lines_init(&drive->lines);
	uv_pipe_init(loop, &drive->in, 0);
	uv_pipe_init(loop, &drive->out, 0);
	uv_timer_init(loop, &drive->timer);
	drive->process.data = drive->in.data = drive->out.data = drive->timer.data = drive;
	drive->open_handles = 4;
	rc = drive_spawn(drive, loop);
	if (!rc) {
		drive_begin(drive);
		return drive;
	}
	err_set(err, STATUS_USAGE, "%s: %s", args->path, uv_strerror(rc));
	drive_close(drive);
	return NULL;
}

struct drive_wait {
	struct drive_args args;
	struct err *err;
	int result;
};

static void wait_line(void *ctx, const struct drive_line *line)
{
	struct drive_wait *wait = ctx;

	if (wait->args.line)
		wait->args.line(wait->args.ctx, line);
}

static void wait_done(void *ctx, const char *why)
{
	struct drive_wait *wait = ctx;

	if (why)
		wait->result = err_set(wait->err, STATUS_USAGE, "%s: %s", wait->args.path, why);
}

int drive_run(const struct drive_args *args, struct err *err)
{
	struct drive_wait wait = {*args, err, 0};
	struct drive_args inner = *args;
	uv_loop_t loop;

	inner.line = wait_line;
	inner.done = wait_done;
	inner.ctx = &wait;
	uv_loop_init(&loop);
	if (!drive_start(&loop, &inner, err))
		wait.result = -1;
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	return wait.result;
}
