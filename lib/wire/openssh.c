/*
 * The ssh(1) transport, for what libssh2 cannot do: one master connection per server
 * (ControlMaster), and a client of it for each command, so that a kill finds the connection open.
 * Who the server is and who we are is ssh's to prove; it is told our known_hosts and keys, and asks
 * nobody but us for passwords (askpass.h).
 */
#include "lib/wire/openssh.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/wire/askpass.h"
#include "lib/wire/process.h"

/* What the master says once it is logged in (LocalCommand). */
#define READY "mroom-ready"

/* How long after a client's status 255 its master may take to say that the connection broke. */
#define LOST_MS 300

struct client {
	struct client *next;
	struct openssh *ssh;
	struct process *process;
	const struct channel_events *events;
	void *ctx;
};

struct openssh {
	struct transport transport;
	struct wire *wire;
	const struct login *login;
	const struct transport_events *events;
	void *ctx;
	struct process *master;
	struct client *clients;
	struct buf
	    said; /* by the master: on standard output until it is ready, on standard error */
	char socket[112];
	struct askpass *askpass; /* who answers its questions; NULL: it asks nobody */
	uv_timer_t timer;
	struct client *doubtful; /* ended with 255: its connection, or its command? */
	bool ready, over;
};

static void openssh_failed(struct openssh *ssh)
{
	struct openssh_failure failure;

	if (ssh->over)
		return;
	ssh->over = true;
	openssh_judge(ssh->said.at, &failure);
	if (ssh->ready)
		ssh->events->failed(ssh->ctx, OUTCOME_UNREACHABLE, "lost", "connection lost");
	else
		ssh->events->failed(ssh->ctx, failure.outcome, failure.reason, failure.message);
}

/* A name in a directory of this process alone, short enough for a socket. */
static int wire_socket_name(struct wire *wire, char *name, size_t size)
{
	if (!wire->sockets.dir[0] && sockdir_make(&wire->sockets, "mroom-ssh", NULL))
		return -1;
	snprintf(name, size, "%s/%lu", wire->sockets.dir, ++wire->socket_count);
	return 0;
}

/* --- a command --- */

static void client_unlink(struct client *client)
{
	struct client **at = &client->ssh->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
}

static void client_end(struct client *client, const struct ending *ending)
{
	client_unlink(client);
	client->events->ended(client->ctx, ending);
	free(client);
}

static void client_output(void *ctx, enum stream stream, const char *bytes, size_t count)
{
	struct client *client = ctx;

	client->events->output(client->ctx, stream, bytes, count);
}

static size_t client_input(void *ctx, char *into, size_t room, bool *end)
{
	struct client *client = ctx;

	return client->events->input(client->ctx, into, room, end);
}

static void client_in_doubt(uv_timer_t *timer)
{
	struct openssh *ssh = timer->data;
	struct client *client = ssh->doubtful;

	ssh->doubtful = NULL;
	if (client)
		client_end(client, &(struct ending){.how = ENDING_EXIT, .status = 255});
}

static void client_ended(void *ctx, int status, int signal)
{
	struct client *client = ctx;
	struct openssh *ssh = client->ssh;

	client->process = NULL;
	if (status == 255 && signal == 0 && !ssh->doubtful) {
		ssh->doubtful = client;
		uv_timer_start(&ssh->timer, client_in_doubt, LOST_MS, 0);
	} else {
		client_end(client,
			   &(struct ending){.how = ENDING_EXIT, .status = signal ? 255 : status});
	}
}

static const struct process_events client_events = {client_output, client_input, client_ended};
static const struct process_events client_events_without_input = {.output = client_output,
								  .ended = client_ended};

static void openssh_exec(struct transport *transport, const char *command,
			 const struct channel_events *events, void *ctx)
{
	struct openssh *ssh = (struct openssh *)transport;
	struct client *client = mem_zero(1, sizeof(*client));
	struct list args = LIST_INIT;
	char problem[128];

	client->ssh = ssh;
	client->events = events;
	client->ctx = ctx;
	client->next = ssh->clients;
	ssh->clients = client;
	openssh_client_args(&args, ssh->login, ssh->socket, command, events);
	client->process = process_start(
	    ssh->wire, &transport->unpaused, (const char *const *)args.at,
	    events->input ? &client_events : &client_events_without_input, client, problem);
	if (!client->process)
		client_end(client, &(struct ending){.how = ENDING_REFUSED, .problem = problem});
	list_finish(&args);
}

/* --- the master --- */

static void master_output(void *ctx, enum stream stream, const char *bytes, size_t count)
{
	struct openssh *ssh = ctx;

	(void)stream;
	if (ssh->said.len < 64 * 1024)
		buf_add(&ssh->said, bytes, count);
	if (ssh->ready || !strstr(ssh->said.at, READY "\n"))
		return;
	ssh->ready = true;
	askpass_close(ssh->askpass);
	ssh->askpass = NULL;
	buf_clear(&ssh->said);
	ssh->events->ready(ssh->ctx);
}

static void master_ended(void *ctx, int status, int signal)
{
	static const struct ending lost = {.how = ENDING_LOST};
	struct openssh *ssh = ctx;

	(void)status;
	(void)signal;
	ssh->master = NULL;
	uv_timer_stop(&ssh->timer);
	ssh->doubtful = NULL;
	while (ssh->clients && !ssh->over) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): client_end takes it out */
		process_drop(ssh->clients->process, SIGKILL);
		client_end(ssh->clients, &lost);
	}
	openssh_failed(ssh);
}

static const struct process_events master_events = {.output = master_output, .ended = master_ended};

static void openssh_not_started(uv_timer_t *timer)
{
	openssh_failed(timer->data);
}

static void openssh_start(struct transport *transport)
{
	struct openssh *ssh = (struct openssh *)transport;
	struct list args = LIST_INIT;
	char problem[128], asks[sizeof(ssh->socket) + 2];

	ssh->events->phase(ssh->ctx, PHASE_CONNECT);
	if (wire_socket_name(ssh->wire, ssh->socket, sizeof(ssh->socket))) {
		buf_text(&ssh->said, "no directory for ssh's sockets can be made");
	} else {
		snprintf(asks, sizeof(asks), "%s.a", ssh->socket);
		ssh->askpass = askpass_listen(ssh->wire, asks, ssh->login);
		if (ssh->askpass)
			askpass_args(&args, ssh->wire, asks);
		openssh_master_args(&args, ssh->login, ssh->socket, ssh->wire->connect_timeout_ms,
				    "echo " READY, ssh->askpass != NULL);
		ssh->master =
		    process_start(ssh->wire, &transport->unpaused, (const char *const *)args.at,
				  &master_events, ssh, problem);
		if (!ssh->master)
			buf_text(&ssh->said, problem);
	}
	if (!ssh->master) /* not from within start */
		uv_timer_start(&ssh->timer, openssh_not_started, 0, 0);
	list_finish(&args);
}

static void openssh_feed(struct transport *transport)
{
	struct openssh *ssh = (struct openssh *)transport;

	for (struct client *client = ssh->clients, *next; client; client = next) {
		next = client->next;
		if (client->process)
			process_feed(client->process);
	}
}

/* ServerAliveInterval is ssh's own: when it gives up, the master ends. */
static int64_t openssh_keepalive(struct transport *transport)
{
	(void)transport;
	return 0;
}

static void openssh_freed(uv_handle_t *handle)
{
	struct openssh *ssh = handle->data;

	buf_finish(&ssh->said);
	free(ssh);
}

static void openssh_destroy(struct transport *transport, bool politely)
{
	struct openssh *ssh = (struct openssh *)transport;

	(void)politely;
	ssh->over = true;
	while (ssh->clients) {
		struct client *client = ssh->clients;

		ssh->clients = client->next;
		process_drop(client->process, SIGKILL);
		free(client);
	}
	askpass_close(ssh->askpass);
	process_drop(ssh->master, SIGTERM); /* it says goodbye */
	unlink(ssh->socket);
	uv_close((uv_handle_t *)&ssh->timer, openssh_freed);
}

static const struct transport_ops openssh_ops = {
    .start = openssh_start,
    .exec = openssh_exec,
    .feed = openssh_feed,
    .keepalive = openssh_keepalive,
    .destroy = openssh_destroy,
};

struct transport *openssh_create(struct wire *wire, const struct login *login,
				 const struct transport_events *events, void *ctx)
{
	struct openssh *ssh = mem_zero(1, sizeof(*ssh));

	ssh->transport.ops = &openssh_ops;
	ssh->wire = wire;
	ssh->login = login;
	ssh->events = events;
	ssh->ctx = ctx;
	buf_init(&ssh->said);
	uv_timer_init(wire->loop, &ssh->timer);
	ssh->timer.data = ssh;
	return &ssh->transport;
}
