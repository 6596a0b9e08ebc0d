/* The screen, at any size: columns go when there is no room for them. And what keys do. */
#include <curses.h>
#include <string.h>

#include "cmd/docker/stats.h"
#include "lib/flow/screen.h"

static const struct {
	const char *title, *order;
	int width; /* 0: as wide as it has to be */
	bool right;
} looks[STATS_COLUMNS] = {
    [STATS_ID] = {"SERVER", "server", 0, false},
    [STATS_CONTAINER] = {"CONTAINER", "container", 0, false},
    [STATS_CPU] = {"CPU", "cpu", 8, true},
    [STATS_MEMORY] = {"MEMORY / LIMIT", "memory", 21, true},
    [STATS_MEMORY_SHARE] = {"SHARE", "share", 7, true},
    [STATS_NETWORK] = {"NETWORK IN / OUT", "network", 19, true},
    [STATS_BLOCK] = {"BLOCK IN / OUT", "block", 19, true},
    [STATS_PIDS] = {"PIDS", "pids", 6, true},
};

static int width_of(const struct stats *stats, enum stats_column column)
{
	size_t width = strlen(looks[column].title);
	size_t most = COLS < 80 ? 12 : 30;

	if (looks[column].width)
		return looks[column].width;
	for (size_t i = 0; i < stats->shown_count; i++) {
		const char *text = stats->shown[i]->text[column];
		size_t size = text ? strlen(text) : 0;

		width = size > width ? size : width;
	}
	return (int)(width < most ? width : most);
}

static void put_cell(int y, int x, int width, bool right, const char *text)
{
	int pad = width - (int)strlen(text);

	screen_put(y, right && pad > 0 ? x + pad : x, right && pad > 0 ? width - pad : width, text);
}

static void draw_row(const struct stats_row *row, int y, const int *widths)
{
	int x = 0;

	if (row->trouble) {
		attron(COLOR_PAIR(SCREEN_RED));
		put_cell(y, 0, widths[STATS_ID], false, row->text[STATS_ID]);
		screen_put(y, widths[STATS_ID] + 1, COLS - widths[STATS_ID] - 1, row->trouble);
		attroff(COLOR_PAIR(SCREEN_RED));
		return;
	}
	for (size_t c = 0; c < STATS_COLUMNS && x + widths[c] <= COLS; c++) {
		put_cell(y, x, widths[c], looks[c].right, row->text[c]);
		x += widths[c] + 1;
	}
}

static void draw_titles(const struct stats *stats, const int *widths)
{
	int x = 0;

	attron(A_UNDERLINE);
	mvhline(1, 0, ' ', COLS);
	for (enum stats_column c = 0; c < STATS_COLUMNS && x + widths[c] <= COLS; c++) {
		if (c == stats->sort)
			attron(A_BOLD);
		put_cell(1, x, widths[c], looks[c].right, looks[c].title);
		attroff(A_BOLD);
		x += widths[c] + 1;
	}
	attroff(A_UNDERLINE);
}

static void draw_head(const struct stats *stats)
{
	struct buf text = BUF_INIT;
	double cpu = 0, memory = 0;

	for (size_t i = 0; i < stats->shown_count; i++) {
		cpu += stats->shown[i]->value[STATS_CPU];
		memory += stats->shown[i]->value[STATS_MEMORY];
	}
	buf_format(&text, "%zu servers, %zu/%zu containers: cpu %.1f%%, memory %.1f MiB",
		   stats->server_count, stats->shown_containers, stats->containers, cpu,
		   memory / 1048576);
	if (stats->in_trouble)
		buf_format(&text, "; %zu in trouble", stats->in_trouble);
	if (!stats->heard_ms)
		buf_text(&text, "  (asking)");
	attron(A_BOLD);
	screen_put(0, 0, COLS, text.at);
	attroff(A_BOLD);
	buf_finish(&text);
}

static void draw_foot(const struct stats *stats)
{
	struct buf text = BUF_INIT;

	if (stats->typing)
		buf_format(&text, "filter: %s_  (Enter keeps it, Esc drops it)", stats->filter.at);
	else
		buf_format(&text, "q quit  s sort:%s%s  r reverse  / filter%s%s",
			   looks[stats->sort].order, stats->reverse ? "(r)" : "",
			   stats->filter.len ? ":" : "", stats->filter.at);
	screen_put(LINES - 1, 0, COLS - 1, text.at);
	buf_finish(&text);
}

void stats_draw(void *ctx)
{
	struct stats *stats = ctx;
	size_t room = LINES > 3 ? (size_t)LINES - 3 : 1;
	int widths[STATS_COLUMNS];

	if (stats->stale)
		stats_arrange(stats);
	for (enum stats_column c = 0; c < STATS_COLUMNS; c++)
		widths[c] = width_of(stats, c);
	stats->top = screen_top(stats->top, stats->top, room, stats->shown_count);
	draw_head(stats);
	draw_titles(stats, widths);
	for (size_t i = 0; i < room && stats->top + i < stats->shown_count; i++)
		draw_row(stats->shown[stats->top + i], (int)i + 2, widths);
	draw_foot(stats);
}

static enum stats_column next_order(enum stats_column order)
{
	/* What is a share of the memory has the memory's order. */
	do {
		order = (order + 1) % STATS_COLUMNS;
	} while (order == STATS_MEMORY_SHARE);
	return order;
}

bool stats_key(struct stats *stats, int key)
{
	long lines;

	if (stats->typing) {
		stats->typing = screen_type(&stats->filter, key);
	} else if (screen_motion(key, stats->shown_count, &lines)) {
		stats->top = screen_moved(stats->top, lines, stats->shown_count);
		return true;
	} else if (key == 's') {
		stats->sort = next_order(stats->sort);
	} else if (key == 'r') {
		stats->reverse = !stats->reverse;
	} else if (key == '/') {
		stats->typing = true;
	} else {
		return key != 'q';
	}
	stats_arrange(stats);
	return true;
}
