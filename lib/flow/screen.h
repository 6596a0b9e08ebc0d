/*
 * A full screen on the terminal, by curses on a loop of libuv's: keys, signals, a clock and
 * repainting. Keys come from /dev/tty, since targets may come through standard input.
 *
 * One at a time. What a tool prints while it is open would spoil it.
 */
#ifndef MROOM_FLOW_SCREEN_H
#define MROOM_FLOW_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct screen;

/* Pairs of colours for COLOR_PAIR, on the terminal's own background; without effect where no
 * colours are wanted. */
enum screen_colour { SCREEN_GREEN = 1, SCREEN_YELLOW, SCREEN_RED, SCREEN_MAGENTA };

/* After key and tick the screen is painted again, unless it was closed. All are to be there. */
struct screen_events {
	void (*key)(void *ctx, int key);
	void (*tick)(void *ctx);
	void (*draw)(void *ctx); /* everything, on an empty screen */
	/* A signal, or the terminal is gone: screen_close is due. */
	void (*interrupted)(void *ctx);
};

/* Takes the terminal; tick is called at once and then every `tick_ms`. NULL when standard output
 * is none, or it can do nothing: for the caller to say. */
struct screen *screen_open(uv_loop_t *loop, const struct screen_events *events, void *ctx,
			   uint64_t tick_ms);
/* Gives the terminal back as it was, at once; the rest is gone with the loop's next turn. NULL is
 * allowed. */
void screen_close(struct screen *screen);
/* Paints it again. */
void screen_draw(struct screen *screen);

/* --- for drawing --- */

/* Text of a server, at line y from column x on, in at most `room` columns; what could steer the
 * terminal is made visible. Whether a wide character fits is curses' own matter: what does not is
 * clipped at the edge. */
void screen_put(int y, int x, int room, const char *text);

/* --- a list with a cursor --- */

/* Whether the key moves on a list of `count`, and if so by how many lines (fewer than zero: up). */
bool screen_motion(int key, size_t count, long *lines);
/* `at` after a move on a list of `count`. */
size_t screen_moved(size_t at, long lines, size_t count);
/* What stands first, of `count`, so that the cursor is among the `room` lines shown. */
size_t screen_top(size_t top, size_t cursor, size_t room, size_t count);

/* A key while a filter is typed; false when that is over: Enter keeps the text, Escape drops it. */
bool screen_type(struct buf *filter, int key);
/* Whether each word of the filter is in the text, whatever the case. */
bool screen_matches(const struct buf *filter, const char *text);

#endif
