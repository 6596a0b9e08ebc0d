#include "lib/flow/screen.h"

#include <curses.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/flow/out.h"

#define SIGNALS 4

struct screen {
	const struct screen_events *events;
	void *ctx;
	FILE *terminal;
	SCREEN *curses; /* NULL: closed */
	uv_poll_t keys;
	uv_timer_t clock;
	uv_signal_t signals[SIGNALS];
	size_t handles; /* that the loop still has */
};

/* --- the terminal --- */

static void prepare_terminal(void)
{
	static const short colours[] = {
	    [SCREEN_GREEN] = COLOR_GREEN,
	    [SCREEN_YELLOW] = COLOR_YELLOW,
	    [SCREEN_RED] = COLOR_RED,
	    [SCREEN_MAGENTA] = COLOR_MAGENTA,
	};

	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	if (!has_colors() || !out_colour(stdout))
		return;
	start_color();
	use_default_colors();
	for (int i = SCREEN_GREEN; i <= SCREEN_MAGENTA; i++)
		init_pair((short)i, colours[i], -1);
}

void screen_draw(struct screen *screen)
{
	if (!screen->curses)
		return;
	erase();
	screen->events->draw(screen->ctx);
	refresh();
}

/* --- events --- */

static void on_key(uv_poll_t *poll, int status, int events)
{
	struct screen *screen = poll->data;
	int key;

	(void)events;
	if (status < 0) { /* the terminal is gone */
		screen->events->interrupted(screen->ctx);
		return;
	}
	while (screen->curses && (key = getch()) != ERR)
		screen->events->key(screen->ctx, key);
	screen_draw(screen);
}

static void on_clock(uv_timer_t *clock)
{
	struct screen *screen = clock->data;

	screen->events->tick(screen->ctx);
	screen_draw(screen);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct screen *screen = signal->data;
	struct winsize size;

	if (number != SIGWINCH) {
		screen->events->interrupted(screen->ctx);
		return;
	}
	if (!ioctl(fileno(screen->terminal), TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
	screen_draw(screen);
}

static void listen_up(struct screen *screen, uv_loop_t *loop, uint64_t tick_ms)
{
	static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};

	uv_poll_init(loop, &screen->keys, fileno(screen->terminal));
	screen->keys.data = screen;
	uv_poll_start(&screen->keys, UV_READABLE, on_key);
	uv_timer_init(loop, &screen->clock);
	screen->clock.data = screen;
	uv_timer_start(&screen->clock, on_clock, 0, tick_ms);
	for (size_t i = 0; i < SIGNALS; i++) {
		uv_signal_init(loop, &screen->signals[i]);
		screen->signals[i].data = screen;
		uv_signal_start(&screen->signals[i], on_signal, numbers[i]);
	}
	screen->handles = 2 + SIGNALS;
}

struct screen *screen_open(uv_loop_t *loop, const struct screen_events *events, void *ctx,
			   uint64_t tick_ms)
{
	struct screen *screen;
	FILE *terminal = isatty(STDOUT_FILENO) ? fopen("/dev/tty", "r") : NULL;
	SCREEN *curses;

	setlocale(LC_ALL, "");
	curses = terminal ? newterm(NULL, stdout, terminal) : NULL;
	if (!curses) {
		if (terminal)
			fclose(terminal);
		return NULL;
	}
	screen = mem_zero(1, sizeof(*screen));
	*screen =
	    (struct screen){.events = events, .ctx = ctx, .terminal = terminal, .curses = curses};
	prepare_terminal();
	listen_up(screen, loop, tick_ms);
	return screen;
}

static void closed(uv_handle_t *handle)
{
	struct screen *screen = handle->data;

	if (--screen->handles == 0)
		free(screen);
}

void screen_close(struct screen *screen)
{
	if (!screen || !screen->curses)
		return;
	endwin();
	delscreen(screen->curses);
	screen->curses = NULL;
	uv_close((uv_handle_t *)&screen->keys, closed);
	uv_close((uv_handle_t *)&screen->clock, closed);
	for (size_t i = 0; i < SIGNALS; i++)
		uv_close((uv_handle_t *)&screen->signals[i], closed);
	fclose(screen->terminal);
}

void screen_put(int y, int x, int room, const char *text)
{
	struct buf shown = BUF_INIT;

	if (room <= 0)
		return;
	quote_terminal(&shown, text, strlen(text), false);
	mvaddnstr(y, x, shown.at, room);
	buf_finish(&shown);
}
