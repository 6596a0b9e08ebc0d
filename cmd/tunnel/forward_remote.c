#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/tunnel/forward.h"
#include "lib/base/mem.h"

/* What a client of ssh's own connection says (-v) once the server has connected for it. */
#define OPENED "master session id: "
#define ALLOCATED "Allocated port "
#define FOR " for remote forward to "

struct forward_remote {
	uv_process_t client;
	uv_pipe_t complaint;
	bool client_open, complaint_open;
	struct buf said;
	void (*opened)(void *ctx); /* NULL: it has been called, or is not wanted any more */
	void *ctx;
	bool ending;
	char bytes[512];
};

long forward_remote_port(const struct forward_specs *specs, const struct forward_spec *spec)
{
	const char *at = specs->said->at;
	size_t size = strlen(spec->target);
	long port;
	char *end;

	if (spec->port)
		return spec->port;
	if (!at)
		return 0;
	while ((at = strstr(at, ALLOCATED)) != NULL) {
		at += sizeof(ALLOCATED) - 1;
		port = strtol(at, &end, 10);
		if (port > 0 && port <= 65535 && !strncmp(end, FOR, sizeof(FOR) - 1) &&
		    !strncmp(end + sizeof(FOR) - 1, spec->target, size) &&
		    (unsigned char)end[sizeof(FOR) - 1 + size] <= ' ')
			return port;
	}
	return 0;
}

bool forward_remote_forbidden(const struct forward_specs *specs)
{
	return specs->said->len && strstr(specs->said->at, "administratively prohibited");
}

static void remote_free(struct forward_remote *remote)
{
	buf_finish(&remote->said);
	free(remote);
}

static void remote_freed(uv_handle_t *handle)
{
	struct forward_remote *remote = handle->data;

	if (handle == (uv_handle_t *)&remote->client)
		remote->client_open = false;
	else
		remote->complaint_open = false;
	if (remote->ending && !remote->client_open && !remote->complaint_open)
		remote_free(remote);
}

static void client_exited(uv_process_t *client, int64_t status, int signal)
{
	(void)status;
	(void)signal;
	uv_close((uv_handle_t *)client, remote_freed);
}

static void complaint_room(uv_handle_t *handle, size_t wanted, uv_buf_t *into)
{
	struct forward_remote *remote = handle->data;

	(void)wanted;
	*into = uv_buf_init(remote->bytes, sizeof(remote->bytes));
}

static void complaint_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from)
{
	struct forward_remote *remote = stream->data;
	void (*opened)(void *) = remote->opened;

	if (count < 0)
		uv_close((uv_handle_t *)stream, remote_freed);
	if (count <= 0 || !opened)
		return;
	buf_add(&remote->said, from->base, (size_t)count);
	if (!strstr(remote->said.at, OPENED))
		return;
	remote->opened = NULL;
	opened(remote->ctx);
}

static int spawn(struct forward_remote *remote, uv_loop_t *loop, const char *control,
		 const char *to, int end)
{
	/* Should ssh's own connection be gone, this one must not dial by itself: hence the command.
	 */
	const char *argv[] = {
	    "ssh",	     "-v", "-F", "none", "-S",	  control, "-o", "ProxyCommand=false", "-o",
	    "BatchMode=yes", "-W", to,	 "--",	 "there", NULL};
	uv_stdio_container_t stdio[3] = {
	    {.flags = UV_INHERIT_FD, .data.fd = end},
	    {.flags = UV_INHERIT_FD, .data.fd = end},
	    {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	     .data.stream = (uv_stream_t *)&remote->complaint},
	};
	const uv_process_options_t options = {
	    .file = "ssh",
	    .args = (char **)(uintptr_t)argv,
	    .stdio = stdio,
	    .stdio_count = 3,
	    .flags = UV_PROCESS_DETACHED,
	    .exit_cb = client_exited,
	};

	return uv_spawn(loop, &remote->client, &options);
}

struct forward_remote *forward_remote_start(uv_loop_t *loop, const struct forward_specs *specs,
					    const struct forward_spec *spec, uv_pipe_t *stream,
					    void (*opened)(void *ctx), void *ctx)
{
	const char *bind = !strcmp(spec->bind, "0.0.0.0") ? "127.0.0.1"
			   : !strcmp(spec->bind, "::")	  ? "::1"
							  : spec->bind;
	struct forward_remote *remote;
	char to[128];
	int ends[2];

	uv_pipe_init(loop, stream, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return NULL;
	uv_pipe_open(stream, ends[0]);
	remote = mem_zero(1, sizeof(*remote));
	remote->opened = opened;
	remote->ctx = ctx;
	remote->client.data = remote->complaint.data = remote;
	buf_init(&remote->said);
	uv_pipe_init(loop, &remote->complaint, 0);
	remote->client_open = remote->complaint_open = true;
	snprintf(to, sizeof(to), strchr(bind, ':') ? "[%s]:%ld" : "%s:%ld", bind,
		 forward_remote_port(specs, spec));
	if (spawn(remote, loop, specs->control, to, ends[1])) {
		uv_close((uv_handle_t *)&remote->client, remote_freed);
		forward_remote_end(remote);
		remote = NULL;
	} else {
		uv_read_start((uv_stream_t *)&remote->complaint, complaint_room, complaint_read);
	}
	close(ends[1]);
	return remote;
}

void forward_remote_end(struct forward_remote *remote)
{
	if (!remote)
		return;
	remote->ending = true;
	remote->opened = NULL;
	if (!uv_is_closing((uv_handle_t *)&remote->client))
		uv_process_kill(&remote->client, SIGKILL);
	if (remote->complaint_open && !uv_is_closing((uv_handle_t *)&remote->complaint))
		uv_close((uv_handle_t *)&remote->complaint, remote_freed);
	else if (!remote->client_open && !remote->complaint_open)
		remote_free(remote);
}
