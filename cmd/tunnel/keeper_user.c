#include <signal.h>
#include <unistd.h>

#include "cmd/tunnel/keeper.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/flow/lines.h"

#define CLAIM_LIMIT ((size_t)256)
#define WATCH_MS 250

/* A connection, a watched process, or both: a tool that names a process hangs up once the tunnel is
 * up. */
struct user {
	struct user *prev, *next;
	struct keeper *keeper;
	uv_pipe_t pipe;
	bool connected;
	bool wants; /* this connection holds the tunnel */
	pid_t pid;  /* and so does this process, unless 0 */
	char born[32];
	struct lines lines;
	char bytes[CLAIM_LIMIT];
};

static void user_free(struct user *user)
{
	if (user->prev)
		user->prev->next = user->next;
	else
		user->keeper->users = user->next;
	if (user->next)
		user->next->prev = user->prev;
	lines_finish(&user->lines);
	free(user);
}

static void user_closed(uv_handle_t *handle)
{
	struct user *user = handle->data;

	user->connected = false;
	if (!user->pid)
		user_free(user);
}

static void user_leave(struct user *user)
{
	user->wants = false;
	if (!uv_is_closing((uv_handle_t *)&user->pipe))
		uv_close((uv_handle_t *)&user->pipe, user_closed);
}

long keeper_users(const struct keeper *keeper)
{
	long count = 0;

	for (const struct user *user = keeper->users; user; user = user->next)
		count += user->wants || user->pid;
	return count;
}

/* --- telling --- */

struct message {
	uv_write_t write;
	char *text;
};

static void message_sent(uv_write_t *write, int status)
{
	struct message *message = write->data;

	(void)status;
	free(message->text);
	free(message);
}

static void user_tell(struct user *user)
{
	struct keeper *keeper = user->keeper;
	struct message *message;
	struct buf text = BUF_INIT;
	uv_buf_t bytes;

	if (!user->connected || uv_is_closing((uv_handle_t *)&user->pipe))
		return;
	buf_format(&text, "%s\t", route_state_name(keeper->state));
	quote_terminal(&text, keeper->reason.at, keeper->reason.len, false);
	buf_format(&text, "\t%ld\n", keeper_users(keeper));
	message = mem_zero(1, sizeof(*message));
	message->write.data = message;
	bytes = uv_buf_init(NULL, (unsigned)text.len);
	bytes.base = message->text = buf_detach(&text);
	if (uv_write(&message->write, (uv_stream_t *)&user->pipe, &bytes, 1, message_sent))
		message_sent(&message->write, -1);
}

void keeper_tell(struct keeper *keeper)
{
	for (struct user *user = keeper->users; user; user = user->next)
		if (user->wants)
			user_tell(user);
}

/* --- watched processes --- */

/* When the process was born, in the kernel's ticks; "" when it is gone or a zombie. */
static void process_born(pid_t pid, char into[32])
{
	char path[64];
	struct buf text = BUF_INIT;
	char *at;

	*into = '\0';
	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (io_read_file(path, 4096, &text, NULL)) {
		/* No /proc: whether there is such a process is all that can be known. */
		if (access("/proc/self/stat", F_OK) && !kill(pid, 0))
			snprintf(into, 32, "alive");
		buf_finish(&text);
		return;
	}
	at = strrchr(text.at, ')'); /* the name before it may hold anything */
	if (at && at[1] && at[2] != 'Z' && at[2] != 'X') {
		for (int field = 2; at && field < 22; field++)
			at = strchr(at + 1, ' ');
		if (at)
			snprintf(into, 32, "%.*s", (int)strcspn(at + 1, " "), at + 1);
	}
	buf_finish(&text);
}

static void watch_all(uv_timer_t *timer)
{
	struct keeper *keeper = timer->data;
	struct user *next;
	char born[32];

	for (struct user *user = keeper->users; user; user = next) {
		next = user->next;
		if (!user->pid)
			continue;
		process_born(user->pid, born);
		if (*born && !strcmp(born, user->born))
			continue;
		user->pid = 0;
		if (!user->connected)
			user_free(user);
	}
	keeper_consider(keeper);
}

static void user_watch(struct user *user, const char *word)
{
	long pid;

	if (num_parse(word, 1, 0x7fffffff, &pid, NULL))
		return;
	process_born((pid_t)pid, user->born);
	if (*user->born)
		user->pid = (pid_t)pid;
	if (!uv_is_active((uv_handle_t *)&user->keeper->watch))
		uv_timer_start(&user->keeper->watch, watch_all, WATCH_MS, WATCH_MS);
}

/* --- connections --- */

static void user_claim(void *ctx, const struct line *line)
{
	struct user *user = ctx;
	struct keeper *keeper = user->keeper;
	char *claim;

	if (line->spool >= 0) {
		close(line->spool);
		return;
	}
	claim = mem_text_n(line->bytes, line->count);
	if (!strcmp(claim, ROUTE_QUERY)) {
		user_tell(user);
		free(claim);
		return;
	}
	user->wants = true;
	if (!strcmp(claim, ROUTE_KEEP))
		keeper->pinned = true;
	else if (!strncmp(claim, ROUTE_WATCH " ", strlen(ROUTE_WATCH) + 1))
		user_watch(user, claim + strlen(ROUTE_WATCH) + 1);
	if (!strcmp(claim, ROUTE_DROP))
		keeper_leave(keeper);
	else
		keeper_begin(keeper);
	user_tell(user);
	free(claim);
}

static void user_room(uv_handle_t *handle, size_t wanted, uv_buf_t *into)
{
	struct user *user = handle->data;

	(void)wanted;
	*into = uv_buf_init(user->bytes, sizeof(user->bytes));
}

static void user_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from)
{
	struct user *user = stream->data;
	struct keeper *keeper = user->keeper;

	if (count > 0) {
		lines_feed(&user->lines, CLAIM_LIMIT, from->base, (size_t)count, user_claim, user,
			   NULL);
	} else if (count < 0) {
		user_leave(user);
		keeper_consider(keeper);
	}
}

static void user_comes(uv_stream_t *listener, int status)
{
	struct keeper *keeper = listener->data;
	struct user *user;

	if (status < 0)
		return;
	user = mem_zero(1, sizeof(*user));
	user->keeper = keeper;
	lines_init(&user->lines);
	uv_pipe_init(&keeper->loop, &user->pipe, 0);
	user->pipe.data = user;
	user->connected = true;
	user->next = keeper->users;
	if (keeper->users)
		keeper->users->prev = user;
	keeper->users = user;
	/* Whoever comes too late gets no answer, and tries again with the next keeper. */
	if (uv_accept(listener, (uv_stream_t *)&user->pipe) || keeper->leaving)
		user_leave(user);
	else
		uv_read_start((uv_stream_t *)&user->pipe, user_room, user_read);
}

int keeper_listen(struct keeper *keeper, struct err *err)
{
	int fd = route_listen(&keeper->console.home, keeper->tunnel.name, err);
	int rc;

	if (fd < 0)
		return -1;
	uv_pipe_init(&keeper->loop, &keeper->listener, 0);
	keeper->listener.data = keeper;
	uv_pipe_open(&keeper->listener, fd);
	rc = uv_listen((uv_stream_t *)&keeper->listener, 128, user_comes);
	return rc ? err_set(err, STATUS_CONSOLE, "listen: %s", uv_strerror(rc)) : 0;
}

void keeper_unlisten(struct keeper *keeper)
{
	route_unlisten(&keeper->console.home, keeper->tunnel.name);
	uv_close((uv_handle_t *)&keeper->listener, NULL);
}

static void user_part(uv_shutdown_t *request, int status)
{
	struct user *user = request->data;

	(void)status;
	user_leave(user);
	free(request);
}

void keeper_part(struct keeper *keeper)
{
	struct user *next;

	for (struct user *user = keeper->users; user; user = next) {
		uv_shutdown_t *request;

		next = user->next;
		user->pid = 0;
		if (!user->connected) {
			user_free(user);
			continue;
		}
		if (uv_is_closing((uv_handle_t *)&user->pipe))
			continue;
		/* What was told is on its way first. */
		request = mem_zero(1, sizeof(*request));
		request->data = user;
		uv_read_stop((uv_stream_t *)&user->pipe);
		if (uv_shutdown(request, (uv_stream_t *)&user->pipe, user_part))
			user_part(request, -1);
	}
	uv_close((uv_handle_t *)&keeper->check, NULL);
	uv_close((uv_handle_t *)&keeper->watch, NULL);
	uv_close((uv_handle_t *)&keeper->probe, NULL);
	uv_close((uv_handle_t *)&keeper->terminate, NULL);
	uv_close((uv_handle_t *)&keeper->interrupt, NULL);
}
