/* How checkups are shown: rows, counts, Nagios. */
#include <stdio.h>

#include "cmd/health/check.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"

const struct opt check_form_opts[] = {
    OUT_OPTS("table|tsv|json|nagios|prometheus"),
};

enum health_form check_form(struct out_args *form)
{
	enum health_form kind = FORM_ROWS;

	if (form->form && !form->json && !strcmp(form->form, "nagios"))
		kind = FORM_NAGIOS;
	if (form->form && !form->json && !strcmp(form->form, "prometheus"))
		kind = FORM_PROMETHEUS;
	if (kind != FORM_ROWS)
		form->form = "tsv";
	return kind;
}

enum { ID, STATUS, CHECK, VALUE, TEXT, UNIT, WAS, SINCE, AT };

const struct out_column check_columns[CHECK_COLUMNS] = {
    [ID] = {"id", OUT_TEXT, false},	  [STATUS] = {"status", OUT_TEXT, false},
    [CHECK] = {"check", OUT_TEXT, false}, [VALUE] = {"value", OUT_REAL, false},
    [TEXT] = {"text", OUT_TEXT, false},	  [UNIT] = {"unit", OUT_TEXT, true},
    [WAS] = {"was", OUT_TEXT, true},	  [SINCE] = {"since", OUT_TEXT, true},
    [AT] = {"at", OUT_TEXT, true},
};

static void row(struct out *out, const char *id, const struct checkup *checkup,
		const struct check *check)
{
	struct buf since = BUF_INIT, at = BUF_INIT;
	char value[40];
	const char *values[CHECK_COLUMNS] = {id, health_word(check->status), check->name, NULL,
					     check->text};

	if (check->has_value) {
		snprintf(value, sizeof(value), "%.10g", check->value);
		values[VALUE] = value;
	}
	if (*check->unit)
		values[UNIT] = check->unit;
	values[WAS] = health_word(check->was);
	if (check->since_ms) {
		clock_show(&since, check->since_ms);
		values[SINCE] = since.at;
	}
	clock_show(&at, checkup->at_ms);
	values[AT] = at.at;
	out_row(out, values);
	buf_finish(&since);
	buf_finish(&at);
}

void check_rows(struct out *out, const char *id, const struct checkup *checkup, bool problems)
{
	struct buf text = BUF_INIT;
	struct check all = {.name = NULL, .text = NULL};

	for (size_t i = 0; i < checkup->count; i++)
		if (!problems || checkup->at[i].status != HEALTH_OK)
			row(out, id, checkup, &checkup->at[i]);
	if (problems && checkup->status == HEALTH_OK) {
		checkup_summary(checkup, &text);
		all.text = text.at;
		row(out, id, checkup, &all);
	}
	buf_finish(&text);
}

void check_counts(const struct ward *ward, struct buf *text)
{
	static const enum health order[] = {HEALTH_CRITICAL, HEALTH_UNKNOWN, HEALTH_WARNING,
					    HEALTH_OK};
	size_t start = text->len;

	for (size_t i = 0; i < HEALTH_COUNT; i++) {
		size_t count = 0;

		for (size_t j = 0; j < ward->count; j++)
			count += ward->at[j].checkup.status == order[i];
		if (count)
			buf_format(text, "%s%zu %s", text->len > start ? ", " : "", count,
				   health_word(order[i]));
	}
}

/* Text for a line of plugin output: | begins perfdata there. */
static void add_plain(struct buf *line, const char *text)
{
	size_t start = line->len;

	quote_terminal(line, text, strlen(text), false);
	for (char *at = line->at + start; *at; at++)
		if (*at == '|')
			*at = '/';
}

/* 'label'=value[unit];[warn];[crit], the label without quotes and equals signs. */
static void add_perfdata(struct buf *line, const char *id, const struct check *check)
{
	size_t start;

	if (!check->has_value)
		return;
	buf_text(line, line->len ? " '" : "'");
	start = line->len;
	if (id)
		buf_format(line, "%s ", id);
	add_plain(line, check->name);
	for (char *at = line->at + start; *at; at++)
		if (*at == '\'' || *at == '=')
			*at = '_';
	buf_format(line, "'=%.10g%s;", check->value, check->unit);
	/* A range of Nagios alerts outside of it: "7:" is for what may not fall. */
	if (check->levels.has_warn)
		buf_format(line, "%.10g%s", check->levels.warn, check->levels.low ? ":" : "");
	buf_char(line, ';');
	if (check->levels.has_crit)
		buf_format(line, "%.10g%s", check->levels.crit, check->levels.low ? ":" : "");
}

void check_nagios(const struct ward *ward, FILE *to)
{
	struct buf line = BUF_INIT, perf = BUF_INIT, summary = BUF_INIT;
	bool several = ward->count != 1;

	if (several) {
		check_counts(ward, &summary);
		buf_format(&line, "HEALTH %s - %zu servers: %s", health_word(ward_status(ward)),
			   ward->count, summary.len ? summary.at : "none");
	}
	for (size_t i = 0; i < ward->count; i++) {
		const struct patient *patient = &ward->at[i];

		buf_clear(&summary);
		checkup_summary(&patient->checkup, &summary);
		buf_format(&line, "%s%s %s - ", several ? "\n" : "HEALTH ",
			   several ? patient->id : health_word(patient->checkup.status),
			   several ? health_word(patient->checkup.status) : patient->id);
		add_plain(&line, summary.at);
		for (size_t j = 0; j < patient->checkup.count; j++)
			add_perfdata(&perf, several ? patient->id : NULL, &patient->checkup.at[j]);
	}
	fprintf(to, "%s%s%s\n", line.at, perf.len ? " | " : "", perf.at);
	buf_finish(&line);
	buf_finish(&perf);
	buf_finish(&summary);
}
