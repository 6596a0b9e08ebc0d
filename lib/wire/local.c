/*
 * The local transport: each command is a process of the console itself, run by sh in place of a
 * login shell. No SSH, no server: it lets tests of what is above look at many servers for the price
 * of a fork.
 */
#include <signal.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/process.h"

struct command {
	struct command *next;
	struct local *local;
	struct process *process;
	const struct channel_events *events;
	void *ctx;
};

struct local {
	struct transport transport;
	struct wire *wire;
	const struct transport_events *events;
	void *ctx;
	struct command *commands;
	uv_timer_t timer;
};

static void command_end(struct command *command, const struct ending *ending)
{
	struct command **at = &command->local->commands;

	while (*at != command)
		at = &(*at)->next;
	*at = command->next;
	command->events->ended(command->ctx, ending);
	free(command);
}

static void command_output(void *ctx, enum stream stream, const char *bytes, size_t count)
{
	struct command *command = ctx;

	command->events->output(command->ctx, stream, bytes, count);
}

static size_t command_input(void *ctx, char *into, size_t room, bool *end)
{
	struct command *command = ctx;

	return command->events->input(command->ctx, into, room, end);
}

static const char *signal_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {{SIGHUP, "HUP"},	{SIGINT, "INT"},   {SIGQUIT, "QUIT"}, {SIGILL, "ILL"},
		     {SIGABRT, "ABRT"}, {SIGFPE, "FPE"},   {SIGKILL, "KILL"}, {SIGSEGV, "SEGV"},
		     {SIGPIPE, "PIPE"}, {SIGALRM, "ALRM"}, {SIGTERM, "TERM"}, {SIGUSR1, "USR1"},
		     {SIGUSR2, "USR2"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == number)
			return names[i].name;
	return "NAL";
}

static void command_ended(void *ctx, int status, int signal)
{
	struct command *command = ctx;
	struct ending ending = {.how = ENDING_EXIT, .status = status};

	command->process = NULL;
	if (signal)
		ending = (struct ending){.how = ENDING_SIGNAL, .signal = signal_name(signal)};
	command_end(command, &ending);
}

static const struct process_events command_events = {command_output, command_input, command_ended};
static const struct process_events command_events_without_input = {.output = command_output,
								   .ended = command_ended};

static void local_exec(struct transport *transport, const char *line,
		       const struct channel_events *events, void *ctx)
{
	struct local *local = (struct local *)transport;
	struct command *command = mem_zero(1, sizeof(*command));
	const char *const argv[] = {"sh", "-c", line, NULL};
	char problem[128];

	command->local = local;
	command->events = events;
	command->ctx = ctx;
	command->next = local->commands;
	local->commands = command;
	command->process = process_start(
	    local->wire, &transport->unpaused, argv,
	    events->input ? &command_events : &command_events_without_input, command, problem);
	if (!command->process)
		command_end(command, &(struct ending){.how = ENDING_REFUSED, .problem = problem});
}

static void local_ready(uv_timer_t *timer)
{
	struct local *local = timer->data;

	local->events->ready(local->ctx);
}

static void local_start(struct transport *transport)
{
	struct local *local = (struct local *)transport;

	local->events->phase(local->ctx, PHASE_CONNECT);
	uv_timer_start(&local->timer, local_ready, 0, 0);
}

static void local_feed(struct transport *transport)
{
	struct local *local = (struct local *)transport;

	for (struct command *command = local->commands, *next; command; command = next) {
		next = command->next;
		if (command->process)
			process_feed(command->process);
	}
}

static int64_t local_keepalive(struct transport *transport)
{
	(void)transport;
	return 0;
}

static void local_freed(uv_handle_t *handle)
{
	free(handle->data);
}

static void local_destroy(struct transport *transport, bool politely)
{
	struct local *local = (struct local *)transport;

	(void)politely;
	while (local->commands) {
		struct command *command = local->commands;

		local->commands = command->next;
		process_drop(command->process, SIGKILL);
		free(command);
	}
	uv_close((uv_handle_t *)&local->timer, local_freed);
}

static const struct transport_ops local_ops = {local_start, local_exec, local_feed, local_keepalive,
					       local_destroy};

struct transport *local_create(struct wire *wire, const struct login *login,
			       const struct transport_events *events, void *ctx)
{
	struct local *local = mem_zero(1, sizeof(*local));

	(void)login;
	local->transport.ops = &local_ops;
	local->wire = wire;
	local->events = events;
	local->ctx = ctx;
	uv_timer_init(wire->loop, &local->timer);
	local->timer.data = local;
	return &local->transport;
}
