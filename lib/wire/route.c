#include "lib/wire/route.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/flow/lines.h"

#define RETRY_MS 20
/* A keeper that was started answers long before that; one that is busy taking the tunnel down needs
 * its time. */
#define PATIENCE_MS 60000
#define LINE_LIMIT ((size_t)16 * 1024)

struct route {
	uv_loop_t *loop;
	char *tunnel, *claim, *exec;
	const struct home *home;
	route_fn *fn;
	void *ctx;
	uv_timer_t retry;
	uv_pipe_t pipe; /* to the keeper */
	uv_process_t keeper;
	uv_pipe_t complaint; /* the keeper's standard error, until it listens */
	uv_write_t write;
	struct lines lines;
	struct buf said;
	bool retry_open, pipe_open, keeper_open, complaint_open; /* handles that libuv has */
	bool connected, answered, closed, over;
	int64_t status; /* how the keeper that we started ended; 0: well, or not yet */
	int64_t started;
	char bytes[1024], said_bytes[512];
};

static const char *const names[] = {"down", "connecting", "up", "failed"};

const char *route_state_name(enum route_state state)
{
	return names[state];
}

bool route_state_parse(const char *name, enum route_state *state)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*state = (enum route_state)i;
		return true;
	}
	return false;
}

/* libuv gave a handle back. */
static void route_freed(uv_handle_t *handle)
{
	struct route *route = handle->data;

	if (handle == (uv_handle_t *)&route->retry)
		route->retry_open = false;
	else if (handle == (uv_handle_t *)&route->pipe)
		route->pipe_open = false;
	else if (handle == (uv_handle_t *)&route->keeper)
		route->keeper_open = false;
	else
		route->complaint_open = false;
	if (!route->closed || route->retry_open || route->pipe_open || route->keeper_open ||
	    route->complaint_open)
		return;
	lines_finish(&route->lines);
	buf_finish(&route->said);
	free(route->tunnel);
	free(route->claim);
	free(route->exec);
	free(route);
}

static void route_shut(bool open, uv_handle_t *handle)
{
	if (open && !uv_is_closing(handle))
		uv_close(handle, route_freed);
}

static void route_tell(struct route *route, enum route_state state, const char *reason, long users)
{
	if (route->over || route->closed)
		return;
	route->over = state == ROUTE_FAILED || state == ROUTE_DOWN;
	route->fn(route->ctx, state, reason, users);
}

static void route_try(uv_timer_t *timer);

static void route_again(struct route *route)
{
	if (!route->closed && !route->over)
		uv_timer_start(&route->retry, route_try, RETRY_MS, 0);
}

/* --- talking to the keeper --- */

static void route_line(void *ctx, const struct line *line)
{
	struct route *route = ctx;
	enum route_state state;
	char *text, *reason, *users;
	long count = 0;

	if (line->spool >= 0) {
		close(line->spool);
		return;
	}
	text = mem_text_n(line->bytes, line->count);
	reason = text + strcspn(text, "\t");
	if (*reason)
		*reason++ = '\0';
	users = reason + strcspn(reason, "\t");
	if (*users)
		*users++ = '\0';
	num_parse(users, 0, 1000000, &count, NULL);
	if (route_state_parse(text, &state)) {
		route->answered = true;
		route_tell(route, state, reason, count);
	}
	free(text);
}

static void route_lost(struct route *route)
{
	route_shut(true, (uv_handle_t *)&route->pipe);
	route->connected = false;
	/* It was on its way out and never saw us: the next one will. */
	if (!route->answered)
		route_again(route);
	else
		route_tell(route, ROUTE_FAILED, "its keeper is gone (see: mroom tunnel log)", 0);
}

static void route_room(uv_handle_t *handle, size_t wanted, uv_buf_t *into)
{
	struct route *route = handle->data;

	(void)wanted;
	*into = uv_buf_init(route->bytes, sizeof(route->bytes));
}

static void route_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from)
{
	struct route *route = stream->data;

	if (route->closed)
		return;
	if (count > 0)
		lines_feed(&route->lines, LINE_LIMIT, from->base, (size_t)count, route_line, route,
			   NULL);
	else if (count < 0)
		route_lost(route);
}

static void route_talk(struct route *route, int fd)
{
	uv_buf_t bytes = uv_buf_init(route->claim, (unsigned)strlen(route->claim));

	uv_pipe_init(route->loop, &route->pipe, 0);
	route->pipe.data = route;
	route->pipe_open = true;
	route->connected = true;
	route->answered = false;
	uv_pipe_open(&route->pipe, fd);
	uv_write(&route->write, (uv_stream_t *)&route->pipe, &bytes, 1, NULL);
	uv_read_start((uv_stream_t *)&route->pipe, route_room, route_read);
}

/* --- starting one --- */

/* It is gone, and all that it said is here. One that found another at work ends well: that one
 * answers. */
static void keeper_done(struct route *route)
{
	char text[256];

	if (!uv_is_closing((uv_handle_t *)&route->keeper) ||
	    !uv_is_closing((uv_handle_t *)&route->complaint) || route->connected || !route->status)
		return;
	if (route->said.len)
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(route->said.at, "\n"),
			 route->said.at);
	else
		snprintf(text, sizeof(text), "its keeper ended with status %d", (int)route->status);
	route_tell(route, ROUTE_FAILED, text, 0);
}

static void keeper_exited(uv_process_t *process, int64_t status, int signal)
{
	struct route *route = process->data;

	route->status = signal ? 128 + signal : status;
	route_shut(true, (uv_handle_t *)process);
	keeper_done(route);
}

static void complaint_room(uv_handle_t *handle, size_t wanted, uv_buf_t *into)
{
	struct route *route = handle->data;

	(void)wanted;
	*into = uv_buf_init(route->said_bytes, sizeof(route->said_bytes));
}

static void complaint_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from)
{
	struct route *route = stream->data;

	if (count > 0 && route->said.len < 4096) {
		buf_add(&route->said, from->base, (size_t)count);
	} else if (count < 0) {
		route_shut(true, (uv_handle_t *)stream);
		keeper_done(route);
	}
}

static void route_spawn(struct route *route)
{
	char hold[] = "hold";
	char *argv[] = {route->exec, hold, route->tunnel, NULL};
	uv_stdio_container_t stdio[3] = {
	    {.flags = UV_IGNORE},
	    {.flags = UV_IGNORE},
	    {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	     .data.stream = (uv_stream_t *)&route->complaint},
	};
	const uv_process_options_t options = {
	    .file = route->exec,
	    .args = argv,
	    .cwd = "/",
	    .stdio = stdio,
	    .stdio_count = 3,
	    .flags = UV_PROCESS_DETACHED, /* it outlives us, and ^C is not meant for it */
	    .exit_cb = keeper_exited,
	};
	int rc;

	buf_clear(&route->said);
	route->status = 0;
	uv_pipe_init(route->loop, &route->complaint, 0);
	route->keeper.data = route->complaint.data = route;
	route->keeper_open = route->complaint_open = true;
	rc = uv_spawn(route->loop, &route->keeper, &options);
	if (rc) {
		route_shut(true, (uv_handle_t *)&route->keeper);
		route_shut(true, (uv_handle_t *)&route->complaint);
		route_tell(route, ROUTE_FAILED, uv_strerror(rc), 0);
		return;
	}
	uv_read_start((uv_stream_t *)&route->complaint, complaint_room, complaint_read);
}

static bool route_starts(const struct route *route)
{
	static const char *const starting[] = {ROUTE_USE, ROUTE_KEEP, ROUTE_WATCH};

	for (size_t i = 0; i < sizeof(starting) / sizeof(*starting); i++)
		if (!strncmp(route->claim, starting[i], strlen(starting[i])))
			return true;
	return false;
}

static void route_try(uv_timer_t *timer)
{
	struct route *route = timer->data;
	int fd;

	if (route->closed || route->over)
		return;
	fd = route->pipe_open ? -1 : route_connect(route->home, route->tunnel);
	if (fd >= 0)
		route_talk(route, fd);
	else if (!route_starts(route))
		route_tell(route, ROUTE_DOWN, "", 0);
	else if (clock_mono_ms() - route->started > PATIENCE_MS)
		route_tell(route, ROUTE_FAILED, "its keeper does not answer", 0);
	else if (!route->keeper_open && !route->complaint_open)
		route_spawn(route);
	route_again(route);
	if (route->connected)
		uv_timer_stop(&route->retry);
}

struct route *route_open(uv_loop_t *loop, const struct home *home, const char *tunnel,
			 const char *claim, route_fn *fn, void *ctx)
{
	struct route *route = mem_zero(1, sizeof(*route));

	route->loop = loop;
	route->home = home;
	route->tunnel = mem_text(tunnel);
	route->claim = mem_format("%s\n", claim);
	route->exec = mem_format("%s/mroom-tunnel", home->exec_path);
	route->fn = fn;
	route->ctx = ctx;
	route->started = clock_mono_ms();
	buf_init(&route->said);
	lines_init(&route->lines);
	uv_timer_init(loop, &route->retry);
	route->retry.data = route;
	route->retry_open = true;
	uv_timer_start(&route->retry, route_try, 0, 0);
	return route;
}

void route_close(struct route *route)
{
	if (!route)
		return;
	route->closed = true;
	route_shut(route->pipe_open, (uv_handle_t *)&route->pipe);
	route_shut(route->keeper_open, (uv_handle_t *)&route->keeper);
	route_shut(route->complaint_open, (uv_handle_t *)&route->complaint);
	route_shut(true, (uv_handle_t *)&route->retry);
}
