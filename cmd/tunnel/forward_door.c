#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/tunnel/forward.h"
#include "lib/base/mem.h"

#define CHUNK ((size_t)65536)

/* One direction of a connection. Nothing is read before what was read has been written. */
struct lane {
	struct guest *guest;
	union forward_stream in; /* where it reads from; the other lane's is where it writes to */
	struct lane *other;
	uv_write_t write;
	uv_shutdown_t shutdown;
	bool open, ended;
	char bytes[CHUNK];
};

struct guest {
	struct guest *prev, *next;
	struct forward_door *door;
	struct lane client, server;
	uv_connect_t connect;
};

struct entry {
	struct forward_door *door;
	const struct forward_spec *spec;
	uv_tcp_t listener;
};

struct forward_door {
	uv_loop_t *loop;
	const struct forward_specs *specs;
	struct entry *entries;
	size_t count, open;
	struct guest *guests;
	bool pass, closing;
};

static void door_free(struct forward_door *door)
{
	if (!door->closing || door->open || door->guests)
		return;
	free(door->entries);
	free(door);
}

static void lane_freed(uv_handle_t *handle)
{
	struct lane *lane = handle->data;
	struct guest *guest = lane->guest;
	struct forward_door *door = guest->door;

	lane->open = false;
	if (guest->client.open || guest->server.open)
		return;
	if (guest->prev)
		guest->prev->next = guest->next;
	else
		door->guests = guest->next;
	if (guest->next)
		guest->next->prev = guest->prev;
	free(guest);
	door_free(door);
}

/* Ends it with a reset, so that nobody takes half of an answer for all of it. */
static void guest_reset(struct guest *guest)
{
	struct lane *client = &guest->client, *server = &guest->server;

	if (!uv_is_closing(&client->in.handle) && uv_tcp_close_reset(&client->in.tcp, lane_freed))
		uv_close(&client->in.handle, lane_freed);
	if (server->open && !uv_is_closing(&server->in.handle))
		uv_close(&server->in.handle, lane_freed);
}

static void guest_end(struct guest *guest)
{
	if (!guest->client.ended || !guest->server.ended)
		return;
	if (!uv_is_closing(&guest->client.in.handle))
		uv_close(&guest->client.in.handle, lane_freed);
	if (guest->server.open && !uv_is_closing(&guest->server.in.handle))
		uv_close(&guest->server.in.handle, lane_freed);
}

static void lane_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from);

static void lane_room(uv_handle_t *handle, size_t wanted, uv_buf_t *into)
{
	struct lane *lane = handle->data;

	(void)wanted;
	*into = uv_buf_init(lane->bytes, sizeof(lane->bytes));
}

static void lane_written(uv_write_t *write, int status)
{
	struct lane *lane = write->data;

	if (uv_is_closing(&lane->in.handle))
		return;
	if (status)
		guest_reset(lane->guest);
	else
		uv_read_start(&lane->in.stream, lane_room, lane_read);
}

static void lane_shut(uv_shutdown_t *request, int status)
{
	struct lane *lane = request->data;

	(void)status;
	lane->ended = true;
	guest_end(lane->guest);
}

/*
 * Whether ssh still takes orders. When it dies the kernel closes what it had open one by one, its
 * listener before any connection that it took later: whoever sees such a connection end finds
 * nobody listening.
 */
static bool ssh_lives(const struct forward_specs *specs)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool lives;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", specs->control);
	lives = fd >= 0 && (!connect(fd, (struct sockaddr *)&at, sizeof(at)) || errno == EAGAIN);
	if (fd >= 0)
		close(fd);
	return lives;
}

/* An end that ssh's own death made is none that the server meant. */
static bool ends_well(const struct lane *lane)
{
	return lane == &lane->guest->client || ssh_lives(lane->guest->door->specs);
}

static void lane_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from)
{
	struct lane *lane = stream->data;
	uv_stream_t *to = &lane->other->in.stream;
	uv_buf_t bytes;

	if (!count)
		return;
	uv_read_stop(stream);
	if (count == UV_EOF) {
		lane->shutdown.data = lane;
		if (!ends_well(lane) || uv_shutdown(&lane->shutdown, to, lane_shut))
			guest_reset(lane->guest);
		return;
	}
	bytes = uv_buf_init(from->base, (unsigned)(count > 0 ? count : 0));
	lane->write.data = lane;
	if (count < 0 || uv_write(&lane->write, to, &bytes, 1, lane_written))
		guest_reset(lane->guest);
}

static void guest_connected(uv_connect_t *request, int status)
{
	struct guest *guest = request->data;

	if (uv_is_closing(&guest->server.in.handle) || uv_is_closing(&guest->client.in.handle))
		return;
	if (status) {
		guest_reset(guest);
		return;
	}
	uv_read_start(&guest->client.in.stream, lane_room, lane_read);
	uv_read_start(&guest->server.in.stream, lane_room, lane_read);
}

static void guest_comes(uv_stream_t *listener, int status)
{
	struct entry *entry = listener->data;
	struct forward_door *door = entry->door;
	struct guest *guest;

	if (status < 0)
		return;
	guest = mem_zero(1, sizeof(*guest));
	guest->door = door;
	guest->client.guest = guest->server.guest = guest;
	guest->client.other = &guest->server;
	guest->server.other = &guest->client;
	guest->next = door->guests;
	if (door->guests)
		door->guests->prev = guest;
	door->guests = guest;
	uv_tcp_init(door->loop, &guest->client.in.tcp);
	guest->client.in.handle.data = &guest->client;
	guest->client.open = true;
	if (uv_accept(listener, &guest->client.in.stream) || !door->pass) {
		guest_reset(guest);
		return;
	}
	guest->connect.data = guest;
	status = forward_reach(door->loop, entry->spec, &guest->server.in, &guest->connect,
			       guest_connected);
	guest->server.in.handle.data = &guest->server;
	guest->server.open = true;
	if (status)
		guest_reset(guest);
}

static int entry_open(struct entry *entry, struct err *err)
{
	const struct forward_spec *spec = entry->spec;
	struct sockaddr_storage at;
	int rc;

	uv_tcp_init(entry->door->loop, &entry->listener);
	entry->listener.data = entry;
	entry->door->open++;
	if (uv_ip4_addr(spec->bind, (int)spec->port, (struct sockaddr_in *)&at))
		uv_ip6_addr(spec->bind, (int)spec->port, (struct sockaddr_in6 *)&at);
	rc = uv_tcp_bind(&entry->listener, (struct sockaddr *)&at, 0);
	if (!rc)
		rc = uv_listen((uv_stream_t *)&entry->listener, 128, guest_comes);
	return rc ? err_set(err, STATUS_CONSOLE, "cannot listen at %s port %ld: %s", spec->bind,
			    spec->port, uv_strerror(rc))
		  : 0;
}

static void entry_freed(uv_handle_t *handle)
{
	struct entry *entry = handle->data;

	entry->door->open--;
	door_free(entry->door);
}

struct forward_door *forward_door_open(uv_loop_t *loop, const struct forward_specs *specs,
				       struct err *err)
{
	struct forward_door *door = mem_zero(1, sizeof(*door));

	door->loop = loop;
	door->specs = specs;
	door->entries = mem_zero(specs->count + 1, sizeof(*door->entries));
	for (size_t i = 0; i < specs->count; i++) {
		struct entry *entry = &door->entries[door->count];

		if (specs->at[i].kind == 'R')
			continue;
		door->count++;
		entry->door = door;
		entry->spec = &specs->at[i];
		if (!entry_open(entry, err))
			continue;
		forward_door_close(door);
		return NULL;
	}
	return door;
}

void forward_door_pass(struct forward_door *door, bool pass)
{
	door->pass = pass;
	for (struct guest *guest = door->guests; guest && !pass; guest = guest->next)
		guest_reset(guest);
}

void forward_door_close(struct forward_door *door)
{
	if (!door)
		return;
	door->closing = true;
	forward_door_pass(door, false);
	for (size_t i = 0; i < door->count; i++)
		uv_close((uv_handle_t *)&door->entries[i].listener, entry_freed);
	if (!door->count)
		door_free(door);
}
