/* What was heard last, and in which order it is shown. */
#include <stdlib.h>
#include <string.h>

#include "cmd/docker/stats.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/flow/screen.h"

/* A server in trouble is left alone for so long, then for ever longer: it must not hold up the
 * others each time. */
#define AGAIN_MS 15000
#define AGAIN_MOST_MS 240000

/* --- numbers --- */

static double unit(const char *text)
{
	static const struct {
		const char *name;
		double size;
	} units[] = {
	    {"kB", 1e3},	{"KB", 1e3},	       {"MB", 1e6},
	    {"GB", 1e9},	{"TB", 1e12},	       {"KiB", 1024.0},
	    {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0},
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strncmp(text, units[i].name, strlen(units[i].name)))
			return units[i].size;
	return 1;
}

double stats_number(const char *text, bool sum)
{
	const char *slash = strchr(text, '/');
	char *end;
	double value = strtod(text, &end);

	/* "--": nothing is known of it. */
	value = end == text || value < 0 ? 0 : value * unit(end);
	return sum && slash ? value + stats_number(slash + 1 + (slash[1] == ' '), false) : value;
}

/* --- what was heard --- */

void stats_init(struct stats *stats, const struct list *ids)
{
	*stats = (struct stats){.sort = STATS_CPU, .filter = BUF_INIT, .by_id = map_create()};
	stats->servers = mem_zero(ids->count + 1, sizeof(*stats->servers));
	for (size_t i = 0; i < ids->count; i++) {
		struct stats_server *server = &stats->servers[stats->server_count++];

		server->id = mem_text(ids->at[i]);
		map_set(stats->by_id, server->id, server);
	}
}

static void forget(struct stats_server *server)
{
	for (size_t i = 0; i < server->count; i++) {
		for (size_t c = 0; c < STATS_COLUMNS; c++)
			free(server->rows[i].text[c]);
		free(server->rows[i].trouble);
	}
	free(server->rows);
	server->rows = NULL;
	server->count = 0;
}

void stats_finish(struct stats *stats)
{
	for (size_t i = 0; i < stats->server_count; i++) {
		forget(&stats->servers[i]);
		free(stats->servers[i].id);
	}
	free(stats->servers);
	map_destroy(stats->by_id);
	free(stats->shown);
	buf_finish(&stats->filter);
}

static struct stats_row *add(struct stats_server *server)
{
	struct stats_row *row;

	server->rows = mem_resize(server->rows, server->count + 1, sizeof(*server->rows));
	row = &server->rows[server->count++];
	*row = (struct stats_row){.trouble = NULL};
	row->text[STATS_ID] = mem_text(server->id);
	return row;
}

static int take_line(void *ctx, const struct record *record, struct err *err)
{
	struct stats_row *row = add(ctx);

	(void)err;
	for (size_t c = STATS_CONTAINER; c < STATS_COLUMNS; c++) {
		const char *text = c <= record->count ? record->fields[c - 1].at : "";

		row->text[c] = mem_text(text);
		row->value[c] = stats_number(text, c == STATS_NETWORK || c == STATS_BLOCK);
	}
	return 0;
}

void stats_take(struct stats *stats, const struct answer *answer, const char *trouble)
{
	struct stats_server *server = map_get(stats->by_id, answer->server->id);
	struct err err = ERR_INIT;

	if (!server)
		return;
	forget(server);
	stats->stale = true;
	if (!trouble && job_lines(answer, take_line, server, &err)) {
		forget(server);
		trouble = err.text;
	}
	server->in_trouble = trouble != NULL;
	if (!trouble) {
		server->pause_ms = 0;
		return;
	}
	add(server)->trouble = mem_text(trouble);
	server->pause_ms = server->pause_ms ? server->pause_ms * 2 : AGAIN_MS;
	if (server->pause_ms > AGAIN_MOST_MS)
		server->pause_ms = AGAIN_MOST_MS;
	server->again_ms = clock_mono_ms() + server->pause_ms;
}

/* --- what is shown --- */

static bool matches(const struct stats *stats, const struct stats_row *row)
{
	struct buf text = BUF_INIT;
	bool good;

	if (!stats->filter.len)
		return true;
	buf_format(&text, "%s %s", row->text[STATS_ID],
		   row->trouble ? row->trouble : row->text[STATS_CONTAINER]);
	good = screen_matches(&stats->filter, text.at);
	buf_finish(&text);
	return good;
}

static void show(struct stats *stats, const struct stats_row *row)
{
	if (!matches(stats, row))
		return;
	stats->shown[stats->shown_count++] = row;
	stats->shown_containers += !row->trouble;
}

/* The most first where numbers are sorted; trouble last. */
static int compare(const struct stats *stats, const struct stats_row *a, const struct stats_row *b)
{
	enum stats_column by = stats->sort;
	int order = 0;

	if (!a->trouble != !b->trouble)
		return a->trouble ? 1 : -1;
	if (!a->trouble && by == STATS_CONTAINER)
		order = natural_compare(a->text[by], b->text[by]);
	else if (by > STATS_CONTAINER &&
		 (a->value[by] < b->value[by] || a->value[by] > b->value[by]))
		order = a->value[by] > b->value[by] ? -1 : 1;
	if (!order)
		order = natural_compare(a->text[STATS_ID], b->text[STATS_ID]);
	if (!order && !a->trouble)
		order = natural_compare(a->text[STATS_CONTAINER], b->text[STATS_CONTAINER]);
	return stats->reverse ? -order : order;
}

static void merge(const struct stats *stats, const struct stats_row **at, size_t count,
		  const struct stats_row **spare)
{
	size_t half = count / 2, left = 0, right = half;

	if (count < 2)
		return;
	merge(stats, at, half, spare);
	merge(stats, at + half, count - half, spare);
	for (size_t i = 0; i < count; i++) {
		bool first =
		    right == count || (left < half && compare(stats, at[left], at[right]) <= 0);

		spare[i] = first ? at[left++] : at[right++];
	}
	memcpy(at, spare, count * sizeof(*at));
}

void stats_arrange(struct stats *stats)
{
	const struct stats_row **spare;
	size_t all = 0;

	stats->stale = false;
	stats->shown_count = stats->shown_containers = 0;
	stats->containers = stats->in_trouble = 0;
	for (size_t i = 0; i < stats->server_count; i++) {
		all += stats->servers[i].count;
		if (stats->servers[i].in_trouble)
			stats->in_trouble++;
		else
			stats->containers += stats->servers[i].count;
	}
	stats->shown = mem_resize(stats->shown, all + 1, sizeof(*stats->shown));
	for (size_t i = 0; i < stats->server_count; i++)
		for (size_t r = 0; r < stats->servers[i].count; r++)
			show(stats, &stats->servers[i].rows[r]);
	spare = mem_zero(stats->shown_count + 1, sizeof(*spare));
	merge(stats, stats->shown, stats->shown_count, spare);
	free(spare);
}
