/* mroom health history: what checks measured, as lines of little bars, or as records. */
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/health/health.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/store_sample.h"

#define BARS 48

struct history_opts {
	int64_t since_ms;
	bool points;
};

static const struct opt history_opts[] = {
    {.name = "since",
     .type = OPT_TIME,
     .offset = offsetof(struct history_opts, since_ms),
     .arg = "TIME",
     .help = "how far back (7d)"},
    {.name = "points",
     .type = OPT_FLAG,
     .offset = offsetof(struct history_opts, points),
     .help = "show every value in a table too"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom health history web-01",
    "mroom health history web-01 'disk:*' --since 90d",
    "mroom health history web-01 load1 -o tsv | cut -f3,5",
    NULL,
};

static const struct ask_spec spec = {
    .command = "mroom health history",
    .args = "ID [METRIC...]",
    .complete = "targets metrics",
    .about = "What checks of a server measured: every value of a week, hours of three months, days "
	     "for ever.",
    .opts = history_opts,
    .examples = examples,
};

static const struct out_column point_columns[] = {
    {"id", OUT_TEXT, false},  {"metric", OUT_TEXT, false}, {"at", OUT_TEXT, false},
    {"low", OUT_REAL, false}, {"mean", OUT_REAL, false},   {"high", OUT_REAL, false},
    {"epoch", OUT_INT, true},
};
static const struct out_column line_columns[] = {
    {"metric", OUT_TEXT, false}, {"low", OUT_REAL, false},  {"mean", OUT_REAL, false},
    {"high", OUT_REAL, false},	 {"last", OUT_REAL, false}, {"history", OUT_TEXT, false},
};

/* One metric over the whole time. */
struct line {
	char *metric;
	double low, high, last;
	double sum, weight; /* seconds */
	double bar[BARS], bar_weight[BARS];
};

struct history {
	struct ask *ask;
	struct history_opts opts;
	struct out *out;
	char **patterns;
	size_t pattern_count;
	bool points;
	const char *id;
	int64_t from, until; /* seconds since the epoch */
	double every;	     /* seconds between moments */
	struct map *lines;   /* metric -> struct line */
};

static void show_number(char *into, size_t room, double value)
{
	snprintf(into, room, "%.6g", value);
}

static void print_point(struct history *history, const struct sample_row *row)
{
	char low[32], mean[32], high[32], epoch[32];
	struct buf at = BUF_INIT;

	show_number(low, sizeof(low), row->low);
	show_number(mean, sizeof(mean), row->mean);
	show_number(high, sizeof(high), row->high);
	snprintf(epoch, sizeof(epoch), "%lld", (long long)row->at);
	clock_show(&at, row->at * 1000);
	const char *values[] = {history->id, row->metric, at.at, low, mean, high, epoch};

	out_row(history->out, values);
	buf_finish(&at);
}

static void add_to_line(struct history *history, const struct sample_row *row)
{
	struct line *line = map_get(history->lines, row->metric);
	/* By the time it stands for. */
	double weight = row->span == SPAN_DAY    ? 86400
			: row->span == SPAN_HOUR ? 3600
						 : history->every;
	int64_t place = (row->at - history->from) * BARS / (history->until - history->from + 1);

	if (!line) {
		line = mem_zero(1, sizeof(*line));
		line->metric = mem_text(row->metric);
		line->low = row->low;
		line->high = row->high;
		map_set(history->lines, row->metric, line);
	}
	line->low = row->low < line->low ? row->low : line->low;
	line->high = row->high > line->high ? row->high : line->high;
	line->last = row->mean;
	line->sum += row->mean * weight;
	line->weight += weight;
	if (place >= 0 && place < BARS) {
		line->bar[place] += row->mean * weight;
		line->bar_weight[place] += weight;
	}
}

static int take_sample(void *ctx, const struct sample_row *row, struct err *err)
{
	struct history *history = ctx;
	bool wanted = !history->pattern_count;

	(void)err;
	for (size_t i = 0; i < history->pattern_count && !wanted; i++)
		wanted = !fnmatch(history->patterns[i], row->metric, 0);
	if (wanted && history->points)
		print_point(history, row);
	else if (wanted)
		add_to_line(history, row);
	return 0;
}

/* Eight heights between the lowest and the highest; a blank where nothing is known. */
static void draw(struct buf *text, const struct line *line)
{
	static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	double low = 0, high = 0;
	bool some = false;

	for (size_t i = 0; i < BARS; i++) {
		double value = line->bar_weight[i] > 0 ? line->bar[i] / line->bar_weight[i] : 0;

		if (line->bar_weight[i] <= 0)
			continue;
		low = !some || value < low ? value : low;
		high = !some || value > high ? value : high;
		some = true;
	}
	for (size_t i = 0; i < BARS; i++) {
		double value = line->bar_weight[i] > 0 ? line->bar[i] / line->bar_weight[i] : 0;
		size_t height = high > low ? (size_t)((value - low) / (high - low) * 7.99) : 0;

		buf_text(text, line->bar_weight[i] > 0 ? bars[height < 8 ? height : 7] : " ");
	}
}

static void print_lines(struct history *history)
{
	struct list names = LIST_INIT;
	const char *key;
	void *value;

	for (size_t at = 0; map_next(history->lines, &at, &key, &value);)
		list_add(&names, key);
	list_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		struct line *line = map_get(history->lines, names.at[i]);
		char low[32], mean[32], high[32], last[32];
		struct buf bars = BUF_INIT;

		show_number(low, sizeof(low), line->low);
		show_number(mean, sizeof(mean), line->sum / line->weight);
		show_number(high, sizeof(high), line->high);
		show_number(last, sizeof(last), line->last);
		draw(&bars, line);
		const char *values[] = {line->metric, low, mean, high, last, bars.at};

		out_row(history->out, values);
		buf_finish(&bars);
		free(line->metric);
		free(line);
	}
	list_finish(&names);
}

static int show_server(void *ctx, const struct server *server, struct err *err)
{
	struct history *history = ctx;

	history->id = server->id;
	return store_sample_each(history->ask->console.store, server->id, NULL, history->from,
				 take_sample, history, err);
}

static int go(struct history *history)
{
	struct ask *ask = history->ask;
	bool table = ask->form.form ? !strcmp(ask->form.form, "table")
				    : isatty(STDOUT_FILENO) && !ask->form.json;

	if (!ask->operand_count) {
		err_set(&ask->err, STATUS_USAGE, "no server named (try: %s ID)", spec.command);
		return HEALTH_UNKNOWN;
	}
	history->patterns = ask->operands + 1;
	history->pattern_count = ask->operand_count - 1;
	ask->operand_count = 1;
	history->until = clock_wall_ms() / 1000;
	history->every =
	    (double)config_time(ask->console.config, "health", "sample_every") / 1000.0;
	history->from = history->until - (history->opts.since_ms ? history->opts.since_ms / 1000
								 : (int64_t)7 * 86400);
	history->points = !table || history->opts.points;
	history->out = history->points
			   ? out_create(stdout, &ask->form, point_columns,
					sizeof(point_columns) / sizeof(*point_columns), &ask->err)
			   : out_create(stdout, &ask->form, line_columns,
					sizeof(line_columns) / sizeof(*line_columns), &ask->err);
	if (!history->out || ask_each(ask, show_server, history))
		return HEALTH_UNKNOWN;
	print_lines(history);
	return HEALTH_OK;
}

int health_history(int argc, char **argv)
{
	struct ask ask = {.operands = NULL};
	struct history history = {.ask = &ask};
	struct ask_spec own = spec;
	int status = HEALTH_UNKNOWN;

	own.into = &history.opts;
	history.lines = map_create();
	switch (ask_begin(&ask, &own, argc, argv)) {
	case OPT_RUN:
		if (ask.targets.list && ask.operand_count > 1)
			ask.operand_count = 1;
		status = ask.targets.list ? ask_list(&ask, PICK_ACT) : go(&history);
		break;
	case OPT_SHOWN:
		status = HEALTH_OK;
		break;
	case OPT_BAD:
		break;
	}
	if (out_finish(history.out, &ask.err))
		status = HEALTH_UNKNOWN;
	map_destroy(history.lines);
	return ask_end(&ask, &own, status);
}
