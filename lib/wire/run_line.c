/*
 * Drawn straight to the terminal, and only while nothing else is being written: output and this
 * line never mix. It is taken away before anything is shown, and comes back with the next tick.
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/wire/run_inside.h"

#define TICK_MS 200
/* Short runs go without. */
#define FIRST_MS 1000
/* A ^C that the terminal echoes stays on the same line, and goes with it. */
#define ECHO_ROOM 3

struct run_line {
	uv_timer_t timer; /* first: closing it frees all of this */
	struct run *run;
	bool drawn;
};

/* Not in the background, and not while a stopped terminal (^S) would hold us up. */
static bool may_draw(const struct run *run)
{
	struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};

	return sink_idle(run->out) && sink_idle(run->errs) &&
	       tcgetpgrp(STDERR_FILENO) == getpgrp() && poll(&ready, 1, 0) == 1;
}

/* What reads a pipe of ours may write to the same terminal, and would find our line there. */
static bool alone(void)
{
	struct stat out;

	return fstat(STDOUT_FILENO, &out) || !(S_ISFIFO(out.st_mode) || S_ISSOCK(out.st_mode));
}

static void compose(const struct run *run, struct buf *text)
{
	size_t done = tally_count(run->tally), bad = tally_bad(run->tally);
	size_t running = fleet_active(run->fleet);
	int64_t since = 0;
	const struct server *slowest = fleet_slowest(run->fleet, &since);

	if (run->progress)
		run->progress(run->progress_ctx, text);
	if (text->len > 0)
		buf_text(text, "; ");
	buf_format(text, "%zu", done);
	if (run->all_known)
		buf_format(text, "/%zu", policy_total(run->policy));
	buf_format(text, " done, %zu running", running);
	if (bad > 0)
		buf_format(text, ", %zu failed", bad);
	if (slowest) {
		buf_text(text, "; slowest: ");
		quote_terminal(text, slowest->id, strlen(slowest->id), false);
		buf_char(text, ' ');
		num_show_duration(text, clock_mono_ms() - since);
	}
}

void run_progress(struct run *run, void (*say)(void *ctx, struct buf *to), void *ctx)
{
	run->progress = say;
	run->progress_ctx = ctx;
}

static void draw(uv_timer_t *timer)
{
	struct run_line *line = timer->data;
	struct buf text = BUF_INIT, shown = BUF_INIT;
	struct winsize size = {0};
	size_t columns;

	if (!may_draw(line->run))
		return;
	ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	columns = size.ws_col > 10 ? size.ws_col : 80;
	compose(line->run, &text);
	buf_format(&shown, "\r\033[K%.*s", (int)(columns - ECHO_ROOM), text.at);
	if (write(STDERR_FILENO, shown.at, shown.len) > 0)
		line->drawn = true;
	buf_finish(&text);
	buf_finish(&shown);
}

void run_line_hide(struct run_line *line)
{
	if (!line || !line->drawn)
		return;
	line->drawn = false;
	if (write(STDERR_FILENO, "\r\033[K", 4) < 0)
		return; /* a terminal that is gone shows nothing */
}

struct run_line *run_line_create(struct run *run)
{
	struct run_line *line;

	if (!isatty(STDERR_FILENO) || !alone() || run->args.quiet || run->args.debug)
		return NULL;
	line = mem_zero(1, sizeof(*line));
	line->run = run;
	uv_timer_init(&run->loop, &line->timer);
	line->timer.data = line;
	uv_unref((uv_handle_t *)&line->timer);
	uv_timer_start(&line->timer, draw, FIRST_MS, TICK_MS);
	return line;
}

void run_line_close(struct run_line *line)
{
	if (!line)
		return;
	run_line_hide(line);
	uv_close((uv_handle_t *)&line->timer, (uv_close_cb)free);
}
