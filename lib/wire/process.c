#include "lib/wire/process.h"

#include <signal.h>
#include <string.h>

#include "lib/base/mem.h"

#define INPUT_PIECE (32 * 1024)

/* A dropped process is told again so often, and after so many times in vain it is killed. */
#define AGAIN_MS 50
#define AGAIN_MAX 40

enum { PIPE_IN, PIPE_OUT, PIPE_ERR, PIPES };

struct process {
	uv_process_t child;
	uv_pipe_t pipes[PIPES];
	bool open[PIPES];
	uv_write_t write;
	uv_timer_t again; /* once dropped: until it is gone */
	int told;
	char *piece; /* input on its way */
	struct wire *wire;
	const bool *unpaused;
	const struct process_events *events;
	void *ctx;
	bool running, writing, input_ended, dropped;
	int handles;
	int status, signal; /* how it exited; once dropped, the signal that is to end it */
};

static bool process_paused(const struct process *process)
{
	return process->wire->paused && !*process->unpaused;
}

static void process_closed(uv_handle_t *handle)
{
	struct process *process = handle->data;

	if (--process->handles > 0)
		return;
	if (process->piece)
		mem_wipe(process->piece, INPUT_PIECE);
	free(process->piece);
	free(process);
}

static void pipe_close(struct process *process, int which)
{
	if (!process->open[which])
		return;
	process->open[which] = false;
	uv_close((uv_handle_t *)&process->pipes[which], process_closed);
}

/* The child is collected. */
static void child_close(struct process *process)
{
	uv_close((uv_handle_t *)&process->again, process_closed);
	uv_close((uv_handle_t *)&process->child, process_closed);
}

/* Gone and silent: that is the end. */
static void process_check_end(struct process *process)
{
	if (process->dropped || process->running || process->open[PIPE_OUT] ||
	    process->open[PIPE_ERR])
		return;
	process->dropped = true;
	pipe_close(process, PIPE_IN);
	child_close(process);
	process->events->ended(process->ctx, process->status, process->signal);
}

static void process_exited(uv_process_t *child, int64_t status, int signal)
{
	struct process *process = child->data;

	process->running = false;
	process->status = (int)status;
	process->signal = signal;
	if (process->dropped)
		child_close(process);
	else
		process_check_end(process);
}

/* --- output --- */

static void output_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
	struct process *process = handle->data;

	(void)suggested;
	*room = uv_buf_init(process->wire->scratch, (unsigned)process->wire->scratch_size);
}

static void output_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *bytes)
{
	struct process *process = stream->data;
	int which = stream == (uv_stream_t *)&process->pipes[PIPE_ERR] ? PIPE_ERR : PIPE_OUT;

	if (got > 0)
		process->events->output(process->ctx, which == PIPE_ERR ? STREAM_ERR : STREAM_OUT,
					bytes->base, (size_t)got);
	if (process->dropped)
		return;
	if (got < 0) {
		pipe_close(process, which);
		process_check_end(process);
	} else if (process_paused(process)) {
		uv_read_stop(stream);
	}
}

static void output_flow(struct process *process)
{
	for (int which = PIPE_OUT; which <= PIPE_ERR; which++)
		if (process->open[which] && !process_paused(process))
			uv_read_start((uv_stream_t *)&process->pipes[which], output_room,
				      output_read);
}

/* --- input --- */

static void input_more(struct process *process);

static void input_written(uv_write_t *write, int status)
{
	struct process *process = write->data;

	process->writing = false;
	if (process->dropped)
		return;
	if (status < 0) { /* it does not read any more */
		process->input_ended = true;
		pipe_close(process, PIPE_IN);
		return;
	}
	input_more(process);
}

static void input_more(struct process *process)
{
	uv_buf_t bytes;
	size_t count;

	if (process->writing || !process->open[PIPE_IN])
		return;
	if (process->input_ended || !process->events->input) {
		pipe_close(process, PIPE_IN);
		return;
	}
	if (!process->piece)
		process->piece = mem_alloc(INPUT_PIECE);
	count = process->events->input(process->ctx, process->piece, INPUT_PIECE,
				       &process->input_ended);
	if (process->dropped)
		return;
	if (count == 0) {
		if (process->input_ended)
			pipe_close(process, PIPE_IN);
		return;
	}
	bytes = uv_buf_init(process->piece, (unsigned)count);
	process->writing = true;
	process->write.data = process;
	if (uv_write(&process->write, (uv_stream_t *)&process->pipes[PIPE_IN], &bytes, 1,
		     input_written))
		input_written(&process->write, -1);
}

/* --- */

struct process *process_start(struct wire *wire, const bool *unpaused, const char *const *argv,
			      const struct process_events *events, void *ctx, char problem[128])
{
	struct process *process = mem_zero(1, sizeof(*process));
	uv_stdio_container_t stdio[PIPES];
	uv_process_options_t options = {
	    .exit_cb = process_exited,
	    .file = argv[0],
	    .args = (char **)(void *)argv,
	    .flags = UV_PROCESS_DETACHED,
	    .stdio = stdio,
	    .stdio_count = PIPES,
	};
	int code;

	process->wire = wire;
	process->unpaused = unpaused;
	process->events = events;
	process->ctx = ctx;
	for (int which = 0; which < PIPES; which++) {
		uv_pipe_init(wire->loop, &process->pipes[which], 0);
		process->pipes[which].data = process;
		process->open[which] = true;
		stdio[which].flags =
		    UV_CREATE_PIPE | (which == PIPE_IN ? UV_READABLE_PIPE : UV_WRITABLE_PIPE);
		stdio[which].data.stream = (uv_stream_t *)&process->pipes[which];
	}
	uv_timer_init(wire->loop, &process->again);
	process->child.data = process->again.data = process;
	process->handles = PIPES + 2;
	code = uv_spawn(wire->loop, &process->child, &options);
	if (code) {
		snprintf(problem, 128, "%s cannot be started: %s", argv[0], uv_strerror(code));
		process_drop(process, SIGKILL);
		return NULL;
	}
	process->running = true;
	output_flow(process);
	input_more(process);
	return process;
}

void process_feed(struct process *process)
{
	output_flow(process);
	input_more(process);
}

void process_kill(struct process *process, int signal)
{
	if (process->running)
		uv_process_kill(&process->child, signal);
}

/* ssh(1) before 9.6 looks whether a signal came and then goes to sleep: one that comes in between
 * goes unnoticed until something else wakes it, which may be never. */
static void process_tell(uv_timer_t *again)
{
	struct process *process = again->data;

	process_kill(process, ++process->told < AGAIN_MAX ? process->signal : SIGKILL);
}

void process_drop(struct process *process, int signal)
{
	if (!process || process->dropped)
		return;
	process->dropped = true;
	for (int which = 0; which < PIPES; which++)
		pipe_close(process, which);
	if (!process->running) {
		child_close(process);
		return;
	}
	process->signal = signal;
	process_kill(process, signal);
	uv_timer_start(&process->again, process_tell, AGAIN_MS, AGAIN_MS); /* exit is waited for */
}
