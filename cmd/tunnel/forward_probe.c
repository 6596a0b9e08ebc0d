#include <stdio.h>
#include <string.h>

#include "cmd/tunnel/forward.h"
#include "lib/base/mem.h"

/* ssh takes a connection before it knows whether the server can go on with it, and hangs up when it
 * cannot: one that is still open after that long goes somewhere. */
#define OPEN_MS 1000
/* So long ssh, or a server, may take to open one of -R, or to say where it listens. */
#define REMOTE_MS 10000
#define LOOK_MS 50

struct forward_probe {
	uv_loop_t *loop;
	const struct forward_specs *specs;
	size_t at;
	forward_probe_fn *fn; /* NULL: cancelled */
	void *ctx;
	union forward_stream stream;
	bool stream_open;
	struct forward_remote *remote; /* of -R; NULL */
	bool opened;
	int looks; /* for the port of -R 0 */
	uv_connect_t connect;
	uv_write_t hello;
	uv_timer_t timer;
	bool timer_open;
	char why[300];
	char bytes[64];
};

int forward_reach(uv_loop_t *loop, const struct forward_spec *spec, union forward_stream *stream,
		  uv_connect_t *request, uv_connect_cb done)
{
	struct sockaddr_storage to;
	const char *bind = spec->inner_port ? "127.0.0.1" : spec->bind;
	int port = (int)(spec->inner_port ? spec->inner_port : spec->port);

	if (spec->inner) {
		uv_pipe_init(loop, &stream->pipe, 0);
		uv_pipe_connect(request, &stream->pipe, spec->inner, done);
		return 0;
	}
	if (!strcmp(bind, "0.0.0.0"))
		bind = "127.0.0.1";
	uv_tcp_init(loop, &stream->tcp);
	if (uv_ip4_addr(bind, port, (struct sockaddr_in *)&to))
		uv_ip6_addr(strcmp(bind, "::") ? bind : "::1", port, (struct sockaddr_in6 *)&to);
	return uv_tcp_connect(request, &stream->tcp, (struct sockaddr *)&to, done);
}

static void probe_next(uv_timer_t *timer);

static void probe_freed(uv_handle_t *handle)
{
	struct forward_probe *probe = handle->data;

	if (handle == &probe->stream.handle)
		probe->stream_open = false;
	else
		probe->timer_open = false;
	if (!probe->stream_open && !probe->timer_open)
		free(probe);
	else if (!probe->stream_open && probe->fn)
		uv_timer_start(&probe->timer, probe_next, 0, 0);
}

static void probe_hang_up(struct forward_probe *probe)
{
	uv_timer_stop(&probe->timer);
	forward_remote_end(probe->remote);
	probe->remote = NULL;
	if (!uv_is_closing(&probe->stream.handle))
		uv_close(&probe->stream.handle, probe_freed);
}

static void probe_good(struct forward_probe *probe)
{
	probe->at++;
	probe_hang_up(probe);
}

static void probe_bad(struct forward_probe *probe, const char *what)
{
	const struct forward_spec *spec = &probe->specs->at[probe->at];

	snprintf(probe->why, sizeof(probe->why), "nothing answers through -%c %ld%s%s: %s",
		 spec->kind, spec->port, spec->target ? ":" : "", spec->target ? spec->target : "",
		 what);
	probe_hang_up(probe);
}

static void probe_stays(uv_timer_t *timer)
{
	struct forward_probe *probe = timer->data;

	if (probe->specs->at[probe->at].kind == 'L' || probe->opened)
		probe_good(probe);
	else
		probe_bad(probe, "no answer");
}

static void probe_room(uv_handle_t *handle, size_t wanted, uv_buf_t *into)
{
	struct forward_probe *probe = handle->data;

	(void)wanted;
	*into = uv_buf_init(probe->bytes, sizeof(probe->bytes));
}

static void probe_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from)
{
	struct forward_probe *probe = stream->data;

	(void)from;
	if (count > 0)
		probe_good(probe);
	else if (count < 0 && probe->remote && !probe->opened)
		probe_bad(probe, "the server does not lead there (see: GatewayPorts)");
	else if (count < 0)
		probe_bad(probe, "the connection is closed at once");
}

static void probe_opened(void *ctx)
{
	struct forward_probe *probe = ctx;

	probe->opened = true;
	uv_timer_start(&probe->timer, probe_stays, OPEN_MS, 0);
}

static void probe_connected(uv_connect_t *request, int status)
{
	static char greeting[] = {5, 1, 0}; /* SOCKS 5, without a login */
	struct forward_probe *probe = request->data;
	uv_buf_t bytes = uv_buf_init(greeting, sizeof(greeting));

	if (uv_is_closing(&probe->stream.handle))
		return;
	if (status) {
		probe_bad(probe, uv_strerror(status));
		return;
	}
	uv_timer_start(&probe->timer, probe_stays, OPEN_MS, 0);
	if (probe->specs->at[probe->at].kind == 'D')
		uv_write(&probe->hello, &probe->stream.stream, &bytes, 1, NULL);
	uv_read_start(&probe->stream.stream, probe_room, probe_read);
}

static void probe_end(struct forward_probe *probe)
{
	forward_probe_fn *fn = probe->fn;

	probe->fn = NULL;
	fn(probe->ctx, *probe->why ? probe->why : NULL);
	uv_close((uv_handle_t *)&probe->timer, probe_freed);
}

/* From the server's side, where -R listens. */
static void probe_remote(struct forward_probe *probe, const struct forward_spec *spec)
{
	if (!forward_remote_port(probe->specs, spec) && probe->looks++ < REMOTE_MS / LOOK_MS) {
		uv_timer_start(&probe->timer, probe_next, LOOK_MS, 0);
		return;
	}
	probe->opened = false;
	probe->remote = forward_remote_start(probe->loop, probe->specs, spec, &probe->stream.pipe,
					     probe_opened, probe);
	probe->stream.handle.data = probe;
	probe->stream_open = true;
	if (!probe->remote) {
		probe_bad(probe, "ssh cannot be run");
		return;
	}
	uv_timer_start(&probe->timer, probe_stays, REMOTE_MS, 0);
	uv_read_start(&probe->stream.stream, probe_room, probe_read);
}

static void probe_local(struct forward_probe *probe, const struct forward_spec *spec)
{
	int rc;

	probe->connect.data = probe;
	rc = forward_reach(probe->loop, spec, &probe->stream, &probe->connect, probe_connected);
	probe->stream.handle.data = probe;
	probe->stream_open = true;
	if (rc)
		probe_bad(probe, uv_strerror(rc));
}

static void probe_next(uv_timer_t *timer)
{
	struct forward_probe *probe = timer->data;
	const struct forward_specs *specs = probe->specs;

	/* Of one that just failed too: what ssh said of it may have come later. */
	while (probe->at < specs->count && specs->at[probe->at].kind == 'R' &&
	       forward_remote_forbidden(specs)) {
		probe->why[0] = '\0';
		probe->at++;
	}
	if (*probe->why || probe->at == specs->count)
		probe_end(probe);
	else if (specs->at[probe->at].kind == 'R')
		probe_remote(probe, &specs->at[probe->at]);
	else
		probe_local(probe, &specs->at[probe->at]);
}

struct forward_probe *forward_probe_start(uv_loop_t *loop, const struct forward_specs *specs,
					  forward_probe_fn *fn, void *ctx)
{
	struct forward_probe *probe = mem_zero(1, sizeof(*probe));

	probe->loop = loop;
	probe->specs = specs;
	probe->fn = fn;
	probe->ctx = ctx;
	uv_timer_init(loop, &probe->timer);
	probe->timer.data = probe;
	probe->timer_open = true;
	uv_timer_start(&probe->timer, probe_next, 0, 0);
	return probe;
}

void forward_probe_cancel(struct forward_probe *probe)
{
	if (!probe)
		return;
	probe->fn = NULL;
	if (probe->stream_open)
		probe_hang_up(probe);
	uv_close((uv_handle_t *)&probe->timer, probe_freed);
}
