/* The screen, at any size: columns go when there is no room for them. */
#include <curses.h>
#include <stdlib.h>

#include "cmd/health/watch.h"
#include "lib/base/num.h"
#include "lib/flow/screen.h"

#define WIDE 64 /* from here on there is room for figures */

static chtype status_look(enum health status)
{
	return (chtype)COLOR_PAIR(status + 1) | (status == HEALTH_CRITICAL ? A_BOLD : A_NORMAL);
}

static int id_width(const struct watch *watch)
{
	size_t width = 6, most = COLS < WIDE ? 14 : 30;

	for (size_t i = 0; i < watch->shown_count; i++) {
		size_t size = strlen(watch->ward.at[watch->shown[i]].id);

		width = size > width ? size : width;
	}
	return (int)(width < most ? width : most);
}

static void put_value(int y, int x, double value, const char *unit)
{
	if (value >= 0)
		mvprintw(y, x, "%*.*f%s", *unit ? 5 : 6, *unit ? 0 : 2, value, unit);
}

static void draw_server(const struct watch *watch, int y, size_t index, int width)
{
	const struct patient *patient = &watch->ward.at[watch->shown[index]];
	struct buf text = BUF_INIT;
	int x = width + 1;

	if (index == watch->cursor)
		attron(A_REVERSE);
	mvhline(y, 0, ' ', COLS);
	screen_put(y, 0, width, patient->id);
	attron(status_look(patient->checkup.status));
	screen_put(y, x, 8, health_word(patient->checkup.status));
	attroff(status_look(patient->checkup.status));
	x += 9;
	if (COLS >= WIDE) {
		put_value(y, x, watch_value(patient, SORT_LOAD), "");
		put_value(y, x + 7, watch_value(patient, SORT_MEMORY), "%");
		put_value(y, x + 14, watch_value(patient, SORT_DISK), "%");
		x += 21;
	}
	if (patient->checkup.status != HEALTH_OK) {
		checkup_summary(&patient->checkup, &text);
		screen_put(y, x, COLS - x, text.at);
	}
	if (index == watch->cursor)
		attroff(A_REVERSE);
	buf_finish(&text);
}

static void draw_head(const struct watch *watch)
{
	struct buf text = BUF_INIT;

	buf_format(&text, "%zu/%zu servers: ", watch->shown_count, watch->ward.count);
	check_counts(&watch->ward, &text);
	if (watch->checking)
		buf_text(&text, "  (checking)");
	attron(A_BOLD);
	screen_put(0, 0, COLS, text.at);
	attroff(A_BOLD);
	buf_finish(&text);
}

static void draw_titles(int width)
{
	static const char *const names[SORT_COUNT] = {"STATUS", "SERVER", "LOAD", "MEMORY", "DISK"};
	int x = width + 1;

	attron(A_UNDERLINE);
	mvhline(1, 0, ' ', COLS);
	screen_put(1, 0, width, names[SORT_ID]);
	screen_put(1, x, 8, names[SORT_STATUS]);
	x += 9;
	if (COLS >= WIDE) {
		screen_put(1, x + 2, COLS - x - 2, names[SORT_LOAD]);
		screen_put(1, x + 7, COLS - x - 7, names[SORT_MEMORY]);
		screen_put(1, x + 16, COLS - x - 16, names[SORT_DISK]);
		x += 21;
	}
	screen_put(1, x, COLS - x, "FINDINGS");
	attroff(A_UNDERLINE);
}

static void draw_foot(const struct watch *watch)
{
	static const char *const orders[SORT_COUNT] = {"status", "server", "load", "memory",
						       "disk"};
	struct buf text = BUF_INIT;

	if (watch->typing)
		buf_format(&text, "filter: %s_  (Enter keeps it, Esc drops it)", watch->filter.at);
	else if (watch->detail)
		buf_text(&text, "q back  c check");
	else
		buf_format(&text, "q quit  s sort:%s%s  / filter%s%s  Enter look  c check",
			   orders[watch->sort], watch->reverse ? "(r)" : "",
			   watch->filter.len ? ":" : "", watch->filter.at);
	screen_put(LINES - 1, 0, COLS - 1, text.at);
	buf_finish(&text);
}

static void draw_list(struct watch *watch)
{
	size_t room = LINES > 3 ? (size_t)LINES - 3 : 1;
	int width = id_width(watch);

	watch->top = screen_top(watch->top, watch->cursor, room, watch->shown_count);
	draw_titles(width);
	for (size_t i = 0; i < room && watch->top + i < watch->shown_count; i++)
		draw_server(watch, (int)i + 2, watch->top + i, width);
}

/* One server: everything that was found. */
static void draw_detail(const struct watch *watch)
{
	const struct patient *patient = watch_selected(watch);
	struct buf head = BUF_INIT;

	if (!patient)
		return;
	buf_format(&head, "%s  %s  ", patient->id, health_word(patient->checkup.status));
	if (patient->checkup.at_ms)
		clock_show(&head, patient->checkup.at_ms);
	attron(A_UNDERLINE);
	mvhline(1, 0, ' ', COLS);
	screen_put(1, 0, COLS, head.at);
	attroff(A_UNDERLINE);
	for (size_t i = watch->detail_top; i < patient->checkup.count; i++) {
		const struct check *check = &patient->checkup.at[i];
		int y = (int)(i - watch->detail_top) + 2, name = COLS < WIDE ? 12 : 24;

		if (y >= LINES - 1)
			break;
		attron(status_look(check->status));
		screen_put(y, 0, 8, health_word(check->status));
		attroff(status_look(check->status));
		screen_put(y, 9, name, check->name);
		screen_put(y, 10 + name, COLS - 10 - name, check->text);
	}
	buf_finish(&head);
}

void watch_draw(struct watch *watch)
{
	draw_head(watch);
	if (watch->detail)
		draw_detail(watch);
	else
		draw_list(watch);
	draw_foot(watch);
}
