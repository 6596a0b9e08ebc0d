/* The page: share/report.html filled in. Everything that a server said is escaped on its way in. */
#include <sodium.h>
#include <stdlib.h>

#include "cmd/health/report.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/room/store_sample.h"

#define PAGE_MAX ((size_t)1024 * 1024)
#define CHART_POINTS 60
#define CHART_DAYS 7

static void add_text(struct buf *page, const char *text)
{
	struct buf shown = BUF_INIT;

	/* What a terminal must not act on, a reader must not either: text that runs backwards. */
	quote_terminal(&shown, text, strlen(text), false);
	for (const char *at = shown.at; *at; at++) {
		if (*at == '&')
			buf_text(page, "&amp;");
		else if (*at == '<')
			buf_text(page, "&lt;");
		else if (*at == '>')
			buf_text(page, "&gt;");
		else if (*at == '"')
			buf_text(page, "&quot;");
		else if (*at == '\'')
			buf_text(page, "&#39;");
		else
			buf_char(page, *at);
	}
	buf_finish(&shown);
}

/* --- charts --- */

struct chart {
	int64_t from, until;
	double sum[CHART_POINTS];
	long count[CHART_POINTS];
};

static int chart_sample(void *ctx, const struct sample_row *row, struct err *err)
{
	struct chart *chart = ctx;
	int64_t place = (row->at - chart->from) * CHART_POINTS / (chart->until - chart->from + 1);

	(void)err;
	if (place >= 0 && place < CHART_POINTS) {
		chart->sum[place] += row->mean;
		chart->count[place]++;
	}
	return 0;
}

/* Between zero and the largest value, or `most` where that is larger. */
static void add_chart(struct ask *ask, struct buf *page, const char *id, const char *metric,
		      double most)
{
	int64_t now = clock_wall_ms() / 1000;
	struct chart chart = {.from = now - (int64_t)CHART_DAYS * 86400, .until = now};
	size_t points = 0;

	if (store_sample_each(ask->console.store, id, metric, chart.from, chart_sample, &chart,
			      &ask->err))
		return;
	for (size_t i = 0; i < CHART_POINTS; i++) {
		if (!chart.count[i])
			continue;
		points++;
		chart.sum[i] /= (double)chart.count[i];
		most = chart.sum[i] > most ? chart.sum[i] : most;
	}
	if (points < 2)
		return;
	buf_format(page,
		   "<svg viewBox=\"0 0 %d 20\" preserveAspectRatio=\"none\" role=\"img\" "
		   "aria-label=\"last %d days\"><polyline points=\"",
		   CHART_POINTS - 1, CHART_DAYS);
	for (size_t i = 0; i < CHART_POINTS; i++)
		if (chart.count[i])
			buf_format(page, "%zu,%.1f ", i,
				   19 - (most > 0 ? chart.sum[i] / most * 18 : 0));
	buf_text(page, "\"/></svg>");
}

/* --- rows --- */

/* A cell of a number with its chart; sorts by the number. */
static void add_value(struct ask *ask, struct buf *page, const char *id, const struct check *check,
		      double most)
{
	if (!check || !check->has_value) {
		buf_text(page, "<td data-v=\"\"><span class=\"dim\">-</span></td>");
		return;
	}
	buf_format(page, "<td data-v=\"%.10g\"><span class=\"s%d\">%.4g%s</span>", check->value,
		   (int)check->status, check->value, check->unit);
	add_chart(ask, page, id, check->name, most);
	buf_text(page, "</td>");
}

static const struct check *fullest_disk(const struct checkup *checkup)
{
	const struct check *fullest = NULL;

	for (size_t i = 0; i < checkup->count; i++) {
		const struct check *check = &checkup->at[i];

		if (!strncmp(check->name, "disk:", 5) && check->has_value &&
		    (!fullest || check->value > fullest->value))
			fullest = check;
	}
	return fullest;
}

static void add_findings(struct buf *page, const struct checkup *checkup)
{
	buf_text(page, "<td data-v=\"");
	add_text(page, checkup->count ? checkup->at[0].name : "");
	buf_text(page, "\"><div><ul>");
	for (size_t i = 0; i < checkup->count && checkup->at[i].status != HEALTH_OK; i++) {
		buf_format(page, "<li><span class=\"s%d\">", (int)checkup->at[i].status);
		add_text(page, checkup->at[i].name);
		buf_text(page, "</span> ");
		add_text(page, checkup->at[i].text);
		buf_text(page, "</li>");
	}
	buf_format(page, "</ul><details><summary>%zu checks</summary><table>", checkup->count);
	for (size_t i = 0; i < checkup->count; i++) {
		const struct check *check = &checkup->at[i];

		buf_format(page, "<tr><td class=\"s%d\">%s</td><td>", (int)check->status,
			   health_word(check->status));
		add_text(page, check->name);
		buf_text(page, "</td><td>");
		if (check->has_value)
			buf_format(page, "%.6g%s", check->value, check->unit);
		buf_text(page, "</td><td>");
		add_text(page, check->text);
		buf_text(page, "</td></tr>");
	}
	buf_text(page, "</table></details></div></td>");
}

static void add_row(struct ask *ask, struct buf *page, const struct patient *patient)
{
	/* Sorted by gravity, the gravest highest. */
	static const int gravity[HEALTH_COUNT] = {0, 1, 3, 2};
	const struct checkup *checkup = &patient->checkup;

	buf_format(page, "<tr data-status=\"%d\"><td data-v=\"", (int)checkup->status);
	add_text(page, patient->id);
	buf_text(page, "\">");
	add_text(page, patient->id);
	buf_text(page, "</td><td data-v=\"");
	add_text(page, patient->room);
	buf_text(page, "\">");
	add_text(page, patient->room);
	buf_format(page, "</td><td data-v=\"%d\" class=\"s%d\">%s</td><td data-v=\"%lld\">",
		   gravity[checkup->status], (int)checkup->status, health_word(checkup->status),
		   (long long)checkup->at_ms);
	if (checkup->at_ms)
		clock_show(page, checkup->at_ms);
	buf_text(page, "</td>");
	add_value(ask, page, patient->id, checkup_find(checkup, "load1"), 1);
	add_value(ask, page, patient->id, checkup_find(checkup, "memory"), 100);
	add_value(ask, page, patient->id, fullest_disk(checkup), 100);
	add_findings(page, checkup);
	buf_text(page, "</tr>\n");
}

/* --- the page --- */

/* The counts, as a bar and as buttons. */
static void add_counts(struct buf *bar, struct buf *buttons, const struct ward *ward)
{
	static const enum health order[] = {HEALTH_CRITICAL, HEALTH_UNKNOWN, HEALTH_WARNING,
					    HEALTH_OK};
	double at = 0, whole = ward->count ? (double)ward->count : 1;

	buf_text(bar, "<svg class=\"bar\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" "
		      "role=\"img\" aria-label=\"share of each status\">");
	for (size_t i = 0; i < HEALTH_COUNT; i++) {
		size_t count = 0;

		for (size_t j = 0; j < ward->count; j++)
			count += ward->at[j].checkup.status == order[i];
		buf_format(bar,
			   "<rect class=\"s%d\" x=\"%.3f\" y=\"0\" width=\"%.3f\" height=\"1\"/>",
			   (int)order[i], at, (double)count / whole * 100);
		at += (double)count / whole * 100;
		buf_format(buttons,
			   "<button class=\"s%d\" data-status=\"%d\" aria-pressed=\"false\">%zu "
			   "%s</button>\n",
			   (int)order[i], (int)order[i], count, health_word(order[i]));
	}
	buf_text(bar, "</svg>");
}

/* What the page's only script hashes to: nothing else may run there, whoever put it in. */
static void add_hash(struct buf *text, const char *template)
{
	const char *start = strstr(template, "<script>"), *end = strstr(template, "</script>");
	unsigned char hash[crypto_hash_sha256_BYTES];
	char base64[64];

	if (!start || !end)
		return;
	start += strlen("<script>");
	crypto_hash_sha256(hash, (const unsigned char *)start, (size_t)(end - start));
	sodium_bin2base64(base64, sizeof(base64), hash, sizeof(hash),
			  sodium_base64_VARIANT_ORIGINAL);
	buf_format(text, "sha256-%s", base64);
}

struct filling {
	const char *name;
	struct buf text;
};

/* Copies the template; @name@ becomes that filling. */
static void fill(struct buf *page, const char *template, const struct filling *fillings,
		 size_t count)
{
	while (*template) {
		size_t i = count, size = 0;

		for (i = 0; *template == '@' && i < count; i++) {
			size = strlen(fillings[i].name);
			if (!strncmp(template + 1, fillings[i].name, size) &&
			    template[size + 1] == '@')
				break;
		}
		if (*template == '@' && i < count) {
			buf_add(page, fillings[i].text.at, fillings[i].text.len);
			template += size + 2;
		} else {
			buf_char(page, *template ++);
		}
	}
}

int report_html(struct ask *ask, const struct ward *ward, const char *path)
{
	struct filling fillings[] = {{"script", BUF_INIT},  {"count", BUF_INIT},
				     {"made", BUF_INIT},    {"bar", BUF_INIT},
				     {"buttons", BUF_INIT}, {"rows", BUF_INIT}};
	const size_t count = sizeof(fillings) / sizeof(*fillings);
	char *source = home_share(&ask->console.home, "report.html");
	struct buf template = BUF_INIT, page = BUF_INIT;
	int result = -1;

	if (io_read_file(source, PAGE_MAX, &template, &ask->err))
		goto out;
	add_hash(&fillings[0].text, template.at);
	buf_format(&fillings[1].text, "%zu", ward->count);
	buf_text(&fillings[2].text, "As of ");
	clock_show(&fillings[2].text, clock_wall_ms());
	add_counts(&fillings[3].text, &fillings[4].text, ward);
	for (size_t i = 0; i < ward->count; i++)
		add_row(ask, &fillings[5].text, &ward->at[i]);
	fill(&page, template.at, fillings, count);
	result = ask->err.status != STATUS_OK ||
			 io_replace_file(path, page.at, page.len, 0644, &ask->err)
		     ? -1
		     : 0;
out:
	for (size_t i = 0; i < count; i++)
		buf_finish(&fillings[i].text);
	buf_finish(&template);
	buf_finish(&page);
	free(source);
	return result;
}
