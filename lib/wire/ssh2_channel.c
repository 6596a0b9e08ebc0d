/*
 * Commands on channels (RFC 4254, section 6). Both output streams share one window and are always
 * drained together; input is offered in pieces that stay put until libssh2 has taken them, as a
 * repeated call must see the same bytes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/wire/ssh2.h"

#define INPUT_PIECE (32 * 1024)
#define PACKET_SIZE 32768

/* Stop offering input while this much waits for the kernel. */
#define SEND_QUEUE_HIGH (256 * 1024)

enum channel_state {
	CHANNEL_WAITING,
	CHANNEL_OPENING,
	CHANNEL_TERMINAL,
	CHANNEL_REQUESTING,
	CHANNEL_RUNNING
};

struct channel {
	struct channel *next;
	struct ssh2 *ssh2;
	const struct channel_events *events;
	void *ctx;
	enum channel_state state;
	LIBSSH2_CHANNEL *channel;
	int64_t id;	/* as the server calls it; -1: not known */
	unsigned heard; /* of enum heard */
	char *command;
	struct ssh2_flight flight;
	char *piece; /* input on its way; NULL until there is any */
	size_t piece_at, piece_len;
	bool input_ended, eof_sent;
};

void ssh2_exec(struct transport *transport, const char *command,
	       const struct channel_events *events, void *ctx)
{
	struct ssh2 *ssh2 = (struct ssh2 *)transport;
	struct channel *channel = mem_zero(1, sizeof(*channel)), **last = &ssh2->channels;

	channel->ssh2 = ssh2;
	channel->events = events;
	channel->ctx = ctx;
	channel->id = -1;
	channel->command = mem_text(command);
	channel->input_ended = events->input == NULL;
	while (*last)
		last = &(*last)->next;
	*last = channel;
	ssh2_pump(ssh2);
}

static void channel_drop_piece(struct channel *channel)
{
	if (channel->piece)
		mem_wipe(channel->piece, INPUT_PIECE);
	free(channel->piece);
	channel->piece = NULL;
	channel->piece_at = channel->piece_len = 0;
}

static void channel_free(struct channel *channel)
{
	if (channel->channel)
		libssh2_channel_free(channel->channel);
	channel_drop_piece(channel);
	free(channel->command);
	free(channel);
}

/* Takes the channel out, tells how it ended, and frees it. */
static void channel_end(struct channel *channel, const struct ending *ending)
{
	struct ssh2 *ssh2 = channel->ssh2;
	struct channel **at = &ssh2->channels;

	while (*at && *at != channel)
		at = &(*at)->next;
	if (*at)
		*at = channel->next;
	if (ssh2->starting == channel)
		ssh2->starting = NULL;
	ssh2->again = true;
	channel->events->ended(channel->ctx, ending);
	channel_free(channel);
}

static enum step channel_refused(struct channel *channel, const char *problem)
{
	struct ending ending = {.how = ENDING_REFUSED, .problem = problem};

	channel_end(channel, &ending);
	return STEP_ON;
}

static enum step channel_open(struct channel *channel)
{
	struct ssh2 *ssh2 = channel->ssh2;
	int code;

	channel->channel = libssh2_channel_open_ex(ssh2->session, "session", sizeof("session") - 1,
						   ssh2->wire->window, PACKET_SIZE, NULL, 0);
	if (channel->channel) {
		channel->id = ssh2->opened;
		channel->state = channel->events->tty ? CHANNEL_TERMINAL : CHANNEL_REQUESTING;
		return STEP_ON;
	}
	code = libssh2_session_last_errno(ssh2->session);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	if (ssh2_connection_lost(ssh2, code))
		return STEP_FAILED;
	return channel_refused(channel, "server refuses a session channel (MaxSessions?)");
}

/* A terminal that does not echo and leaves line ends alone (RFC 4254, section 8). */
static enum step channel_terminal(struct channel *channel)
{
	enum { ECHO_MODE = 53, ONLCR_MODE = 72 };
	static const char modes[] = {ECHO_MODE, 0, 0, 0, 0, ONLCR_MODE, 0, 0, 0, 0, 0};
	const char *term = getenv("TERM");
	struct winsize size = {24, 80, 0, 0};
	int code;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	if (!term || !*term || strlen(term) > 64)
		term = "dumb";
	code = libssh2_channel_request_pty_ex(channel->channel, term, (unsigned)strlen(term), modes,
					      sizeof(modes), size.ws_col ? size.ws_col : 80,
					      size.ws_row ? size.ws_row : 24, 0, 0);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	if (code == LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED)
		return channel_refused(channel, "server refuses a terminal");
	if (code)
		return STEP_FAILED;
	channel->state = CHANNEL_REQUESTING;
	return STEP_ON;
}

static enum step channel_request(struct channel *channel)
{
	bool subsystem = channel->events->subsystem;
	const char *kind = subsystem ? "subsystem" : "exec";
	int code = libssh2_channel_process_startup(channel->channel, kind, (unsigned)strlen(kind),
						   channel->command,
						   (unsigned)strlen(channel->command));

	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	if (code == LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED)
		return channel_refused(channel, subsystem ? "server has no such subsystem"
							  : "server refuses to run commands");
	if (code == LIBSSH2_ERROR_OUT_OF_BOUNDARY || code == LIBSSH2_ERROR_INVAL)
		return channel_refused(channel, "the command is longer than 32 KiB");
	if (code)
		return STEP_FAILED;
	channel->ssh2->starting = NULL;
	channel->ssh2->again = true; /* the next one may start */
	channel->state = CHANNEL_RUNNING;
	return STEP_ON;
}

/* Takes what one stream has: STEP_ON when something came. */
static enum step channel_read(struct channel *channel, enum stream stream)
{
	struct wire *wire = channel->ssh2->wire;
	ssize_t got = libssh2_channel_read_ex(channel->channel,
					      stream == STREAM_ERR ? SSH_EXTENDED_DATA_STDERR : 0,
					      wire->scratch, wire->scratch_size);

	if (got > 0) {
		channel->events->output(channel->ctx, stream, wire->scratch, (size_t)got);
		return STEP_ON;
	}
	if (got == 0 || got == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	return STEP_FAILED;
}

static enum step channel_drain(struct channel *channel)
{
	struct ssh2 *ssh2 = channel->ssh2;
	enum step out, err;

	do {
		if (ssh2_paused(ssh2))
			return STEP_WAIT;
		out = channel_read(channel, STREAM_OUT);
		err = ssh2->doomed || ssh2_paused(ssh2) ? STEP_WAIT
							 : channel_read(channel, STREAM_ERR);
		if (ssh2->doomed)
			return STEP_WAIT;
	} while (out == STEP_ON || err == STEP_ON);
	return out == STEP_FAILED || err == STEP_FAILED ? STEP_FAILED : STEP_WAIT;
}

/* The next piece of input; false when there is none now. */
static bool channel_refill(struct channel *channel)
{
	if (channel->input_ended)
		return false;
	if (!channel->piece)
		channel->piece = mem_alloc(INPUT_PIECE);
	channel->piece_at = 0;
	channel->piece_len = channel->events->input(channel->ctx, channel->piece, INPUT_PIECE,
						    &channel->input_ended);
	return channel->piece_len > 0;
}

static bool channel_may_send(struct channel *channel)
{
	return link_queued(&channel->ssh2->link) < SEND_QUEUE_HIGH &&
	       ssh2_flight_room(&channel->flight, channel->ssh2, channel->channel);
}

static enum step channel_write(struct channel *channel)
{
	while (channel_may_send(channel)) {
		ssize_t taken;

		if (channel->piece_at == channel->piece_len && !channel_refill(channel))
			break;
		taken = libssh2_channel_write_ex(channel->channel, 0,
						 channel->piece + channel->piece_at,
						 channel->piece_len - channel->piece_at);
		if (taken == LIBSSH2_ERROR_EAGAIN)
			return STEP_WAIT;
		if (taken == LIBSSH2_ERROR_CHANNEL_CLOSED || taken == LIBSSH2_ERROR_CHANNEL_EOF_SENT) {
			channel->input_ended = channel->eof_sent = true;
			channel_drop_piece(channel);
			return STEP_WAIT;
		}
		if (taken < 0)
			return STEP_FAILED;
		channel->piece_at += (size_t)taken;
	}
	if (channel->input_ended && !channel->eof_sent && channel->piece_at == channel->piece_len) {
		int code = libssh2_channel_send_eof(channel->channel);

		if (code == LIBSSH2_ERROR_EAGAIN)
			return STEP_WAIT;
		channel->eof_sent = true;
		channel_drop_piece(channel);
	}
	return STEP_WAIT;
}

void ssh2_channel_heard(struct ssh2 *ssh2, uint32_t id, enum heard what)
{
	for (struct channel *channel = ssh2->channels; channel; channel = channel->next)
		if (channel->id == id)
			channel->heard |= what;
}

static void channel_report(struct channel *channel)
{
	struct ending ending = {.how = ENDING_EXIT};
	char *signal = NULL, name[64];

	libssh2_channel_get_exit_signal(channel->channel, &signal, NULL, NULL, NULL, NULL, NULL);
	if (signal) {
		snprintf(name, sizeof(name), "%s", signal);
		libssh2_free(channel->ssh2->session, signal);
		ending.how = ENDING_SIGNAL;
		ending.signal = name;
	} else if (channel->heard == HEARD_CLOSE) {
		ending.how = ENDING_UNTOLD;
	} else {
		ending.status = libssh2_channel_get_exit_status(channel->channel);
	}
	channel_end(channel, &ending);
}

static enum step channel_run(struct channel *channel)
{
	struct ssh2 *ssh2 = channel->ssh2;
	enum step step = channel_drain(channel);

	if (step == STEP_FAILED || ssh2->doomed)
		return step;
	if (!channel->eof_sent && channel_write(channel) == STEP_FAILED)
		return STEP_FAILED;
	/* libssh2 says eof only once nothing of either stream is left to read. */
	if (ssh2_paused(ssh2) || !libssh2_channel_eof(channel->channel))
		return STEP_WAIT;
	switch (libssh2_channel_wait_closed(channel->channel)) {
	case 0:
		channel_report(channel);
		return STEP_ON;
	case LIBSSH2_ERROR_EAGAIN:
		return STEP_WAIT;
	default:
		return STEP_FAILED;
	}
}

static enum step channel_step(struct channel *channel)
{
	struct ssh2 *ssh2 = channel->ssh2;

	switch (channel->state) {
	case CHANNEL_WAITING:
		if (ssh2->starting)
			return STEP_WAIT;
		ssh2->starting = channel;
		channel->state = CHANNEL_OPENING;
		return STEP_ON;
	case CHANNEL_OPENING:
		return channel_open(channel);
	case CHANNEL_TERMINAL:
		return channel_terminal(channel);
	case CHANNEL_REQUESTING:
		return channel_request(channel);
	default:
		return channel_run(channel);
	}
}

/* Whether a channel is still there: a step may have ended it, or its neighbours. */
static bool channel_listed(const struct ssh2 *ssh2, const struct channel *channel)
{
	const struct channel *at = ssh2->channels;

	while (at && at != channel)
		at = at->next;
	return at != NULL;
}

enum step ssh2_channels(struct ssh2 *ssh2)
{
	struct channel *channel = ssh2->channels;

	while (channel && !ssh2->doomed) {
		struct channel *next = channel->next;
		enum step step = channel_step(channel);

		if (step == STEP_FAILED)
			return STEP_FAILED;
		if (ssh2->doomed)
			break;
		if (step == STEP_ON && channel_listed(ssh2, channel))
			continue;
		channel = channel_listed(ssh2, next) ? next : NULL;
		if (!channel && next)
			ssh2->again = true;
	}
	return STEP_WAIT;
}

void ssh2_channels_end(struct ssh2 *ssh2, bool report)
{
	static const struct ending lost = {.how = ENDING_LOST};
	struct channel *channel;

	while ((channel = ssh2->channels) != NULL) {
		if (report && !ssh2->doomed) {
			/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it takes the channel out */
			channel_end(channel, &lost);
		} else {
			ssh2->channels = channel->next;
			channel_free(channel);
		}
	}
}
