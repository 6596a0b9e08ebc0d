#include <signal.h>
#include <unistd.h>

#include "cmd/tunnel/forward.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/flow/out.h"

/* The longest pause between tries. */
#define LONGEST_MS 60000
#define LOOK_MS 50
/* So many probes in a row must fail before ssh is started anew: it may be the target that is down.
 */
#define BAD_MAX 3

static void forwarder_tell(struct forwarder *forwarder, const char *state, const char *reason)
{
	struct err none = ERR_INIT;

	out_row(forwarder->out,
		(const char *const[FORWARD_COLUMNS]){[FORWARD_NAME] = forwarder->name,
						     [FORWARD_STATE] = state,
						     [FORWARD_REASON] = reason});
	out_flush(forwarder->out, &none);
}

static void forwarder_pass(struct forwarder *forwarder, bool up)
{
	forwarder->up = up;
	if (forwarder->door)
		forward_door_pass(forwarder->door, up);
}

void forwarder_kill(struct forwarder *forwarder, int number)
{
	if (forwarder->child_open && !uv_is_closing((uv_handle_t *)&forwarder->child))
		kill(-forwarder->child.pid, number);
}

/* --- while ssh runs --- */

static void forwarder_probe(uv_timer_t *timer);

/* The ports that the server chose, where it was left to it. */
static void tell_up(struct forwarder *forwarder)
{
	const struct forward_specs *specs = &forwarder->specs;
	struct buf chosen = BUF_INIT;

	for (size_t i = 0; i < specs->count; i++)
		if (specs->at[i].kind == 'R' && !specs->at[i].port)
			buf_format(&chosen, "%s-R 0:%s listens at port %ld", chosen.len ? ", " : "",
				   specs->at[i].target, forward_remote_port(specs, &specs->at[i]));
	forwarder_tell(forwarder, "up", chosen.len ? chosen.at : NULL);
	buf_finish(&chosen);
}

static void forwarder_probed(void *ctx, const char *why)
{
	struct forwarder *forwarder = ctx;

	forwarder->probe = NULL;
	if (!why) {
		if (!forwarder->up)
			tell_up(forwarder);
		forwarder->bad = 0;
		forwarder->was_up = true;
		forwarder->pause_ms = FORWARD_FIRST_MS;
		forwarder_pass(forwarder, true);
	} else {
		if (!forwarder->bad++)
			forwarder_tell(forwarder, "failed", why);
		forwarder_pass(forwarder, false);
	}
	if (forwarder->bad >= BAD_MAX) /* again each time: a signal may go unheard */
		forwarder_kill(forwarder, SIGTERM);
	uv_timer_start(&forwarder->timer, forwarder_probe, (uint64_t)forwarder->check_ms, 0);
}

static void forwarder_probe(uv_timer_t *timer)
{
	struct forwarder *forwarder = timer->data;

	forwarder->probe =
	    forward_probe_start(&forwarder->loop, &forwarder->specs, forwarder_probed, forwarder);
}

/* ssh makes its control socket when it has logged in and listens. */
static void forwarder_look(uv_timer_t *timer)
{
	struct forwarder *forwarder = timer->data;

	if (!access(forwarder->control, F_OK)) {
		uv_timer_stop(timer);
		forwarder_probe(timer);
	} else if (clock_mono_ms() - forwarder->started > forwarder->timeout_ms) {
		buf_text(&forwarder->said, "\nno answer in time");
		forwarder_kill(forwarder, SIGTERM);
	}
}

/* --- its end --- */

/* The last line that it said. */
static const char *last_words(struct forwarder *forwarder)
{
	struct buf *said = &forwarder->said;
	const char *last;

	while (said->len && (unsigned char)said->at[said->len - 1] <= ' ')
		buf_cut(said, said->len - 1);
	last = said->len ? strrchr(said->at, '\n') : NULL;
	last = last ? last + 1 : said->len ? said->at : "ssh ended";
	return strncmp(last, "mroom connect: ", 15) ? last : last + 15;
}

void forwarder_finish(struct forwarder *forwarder)
{
	if (forwarder->door)
		forward_door_close(forwarder->door);
	uv_close((uv_handle_t *)&forwarder->timer, NULL);
	uv_close((uv_handle_t *)&forwarder->terminate, NULL);
	uv_close((uv_handle_t *)&forwarder->interrupt, NULL);
}

/* With how long it is until the next try. */
static void tell_end(struct forwarder *forwarder)
{
	struct buf text = BUF_INIT, pause = BUF_INIT;

	num_show_duration(&pause, (int64_t)forwarder->pause_ms);
	buf_format(&text, "%s (again in %s)", last_words(forwarder), pause.at);
	forwarder_tell(forwarder, "failed", text.at);
	buf_finish(&text);
	buf_finish(&pause);
}

static void child_freed(uv_handle_t *handle)
{
	struct forwarder *forwarder = handle->data;

	if (handle == (uv_handle_t *)&forwarder->child)
		forwarder->child_open = false;
	else
		forwarder->complaint_open = false;
	if (forwarder->child_open || forwarder->complaint_open)
		return;
	forward_probe_cancel(forwarder->probe);
	forwarder->probe = NULL;
	forwarder_pass(forwarder, false);
	if (!forwarder->ending && forwarder->status == STATUS_USAGE && !forwarder->was_up) {
		/* Trying again would not help. */
		err_set(forwarder->err, STATUS_USAGE, "%s", last_words(forwarder));
		forwarder->ending = true;
	}
	if (forwarder->ending) {
		forwarder_finish(forwarder);
		return;
	}
	if (forwarder->bad < BAD_MAX)
		tell_end(forwarder);
	uv_timer_start(&forwarder->timer, forwarder_start, forwarder->pause_ms, 0);
	forwarder->pause_ms =
	    forwarder->pause_ms * 2 < LONGEST_MS ? forwarder->pause_ms * 2 : LONGEST_MS;
}

static void child_exited(uv_process_t *process, int64_t status, int signal)
{
	struct forwarder *forwarder = process->data;

	forwarder->status = signal ? 128 + signal : status;
	uv_timer_stop(&forwarder->timer);
	kill(-process->pid, SIGTERM); /* the ssh of a jump host, which would go by itself as well */
	uv_close((uv_handle_t *)process, child_freed);
}

static void complaint_room(uv_handle_t *handle, size_t wanted, uv_buf_t *into)
{
	struct forwarder *forwarder = handle->data;

	(void)wanted;
	*into = uv_buf_init(forwarder->bytes, sizeof(forwarder->bytes));
}

static void complaint_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from)
{
	struct forwarder *forwarder = stream->data;

	if (count < 0)
		uv_close((uv_handle_t *)stream, child_freed);
	if (count <= 0)
		return;
	/* The last of it counts: of a long life, not all of it is kept. */
	if (forwarder->said.len > 16384)
		buf_clear(&forwarder->said);
	buf_add(&forwarder->said, from->base, (size_t)count);
}

/* --- its beginning --- */

static void add_words(struct forwarder *forwarder, struct list *words)
{
	static const char *const options[] = {
	    "ControlMaster=yes",     "ControlPersist=no",     "ExitOnForwardFailure=yes",
	    "ServerAliveInterval=5", "ServerAliveCountMax=3", "StreamLocalBindUnlink=yes"};

	list_add(words, forwarder->exec);
	list_add(words, "-N");
	if (forwarder->gate)
		list_add(words, "--gate");
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		list_take(words, mem_format("--ssh-option=%s", options[i]));
	list_take(words, mem_format("--ssh-option=ControlPath=%s", forwarder->control));
	list_take(words, mem_format("--ssh-option=ConnectTimeout=%lld",
				    (long long)(forwarder->timeout_ms + 999) / 1000));
	for (size_t i = 0; i < forwarder->specs.count; i++) {
		const struct forward_spec *spec = &forwarder->specs.at[i];

		list_take(words, mem_format("-%c", spec->kind));
		list_add(words, spec->argument);
	}
	list_add(words, "--");
	list_add(words, forwarder->name);
}

static int forwarder_spawn(struct forwarder *forwarder, char **argv)
{
	uv_stdio_container_t stdio[3] = {
	    {.flags = UV_IGNORE},
	    {.flags = UV_IGNORE},
	    {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	     .data.stream = (uv_stream_t *)&forwarder->complaint},
	};
	const uv_process_options_t options = {
	    .file = forwarder->exec,
	    .args = argv,
	    .stdio = stdio,
	    .stdio_count = 3,
	    .flags = UV_PROCESS_DETACHED, /* no terminal to ask on, and ^C is ours to pass on */
	    .exit_cb = child_exited,
	};

	return uv_spawn(&forwarder->loop, &forwarder->child, &options);
}

void forwarder_start(uv_timer_t *timer)
{
	struct forwarder *forwarder = timer->data;
	struct list words = LIST_INIT;
	int rc;

	forwarder_tell(forwarder, "connecting", NULL);
	unlink(forwarder->control);
	buf_clear(&forwarder->said);
	forwarder->bad = 0;
	forwarder->started = clock_mono_ms();
	add_words(forwarder, &words);
	list_take(&words, NULL);
	uv_pipe_init(&forwarder->loop, &forwarder->complaint, 0);
	forwarder->child.data = forwarder->complaint.data = forwarder;
	forwarder->child_open = forwarder->complaint_open = true;
	rc = forwarder_spawn(forwarder, words.at);
	words.count--;
	list_finish(&words);
	if (rc) {
		buf_text(&forwarder->said, uv_strerror(rc));
		uv_close((uv_handle_t *)&forwarder->child, child_freed);
		uv_close((uv_handle_t *)&forwarder->complaint, child_freed);
		return;
	}
	uv_read_start((uv_stream_t *)&forwarder->complaint, complaint_room, complaint_read);
	uv_timer_start(&forwarder->timer, forwarder_look, LOOK_MS, LOOK_MS);
}
