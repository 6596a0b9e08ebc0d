/* mroom health report: how the room was when it was checked last. */
#include <unistd.h>

#include "cmd/health/report.h"

struct report_opts {
	const char *html;
	bool full;
};

static const struct opt report_opts[] = {
    {.name = "html",
     .type = OPT_TEXT,
     .offset = offsetof(struct report_opts, html),
     .arg = "FILE",
     .help = "write one self-contained page, which needs no network",
     .complete = "file"},
    {.name = "full",
     .type = OPT_FLAG,
     .offset = offsetof(struct report_opts, full),
     .help = "records of all checks, not only of what is wrong"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom health report",
    "mroom health report @production --html /var/www/health.html",
    "mroom health report -o prometheus >mroom.prom.new && mv mroom.prom.new mroom.prom",
    NULL,
};

static const struct ask_spec spec = {
    .command = "mroom health report",
    .args = "[TARGETS]",
    .about = "How servers were when they were checked last, the worst first; all when none are "
	     "named.",
    .opts = report_opts,
    .form_opts = check_form_opts,
    .examples = examples,
};

static int print_rows(struct ask *ask, const struct ward *ward, bool full)
{
	struct out *out = out_create(stdout, &ask->form, check_columns, CHECK_COLUMNS, &ask->err);

	if (!out)
		return -1;
	for (size_t i = 0; i < ward->count; i++)
		if (full || ward->at[i].checkup.status != HEALTH_OK)
			check_rows(out, ward->at[i].id, &ward->at[i].checkup, !full);
	return out_finish(out, &ask->err);
}

static int go(struct ask *ask, const struct report_opts *opts, struct ward *ward)
{
	enum health_form form = check_form(&ask->form);
	bool table = ask->form.form ? !strcmp(ask->form.form, "table")
				    : isatty(STDOUT_FILENO) && !ask->form.json;

	if (report_load(ask, ward))
		return -1;
	if (opts->html)
		return report_html(ask, ward, opts->html);
	if (form == FORM_PROMETHEUS)
		report_prometheus(ward, stdout);
	else if (form == FORM_NAGIOS)
		check_nagios(ward, stdout);
	else if (table && !opts->full && !ask->form.columns)
		return report_screen(ward, &ask->form, &ask->err);
	else
		return print_rows(ask, ward, opts->full);
	return 0;
}

int health_report(int argc, char **argv)
{
	struct ask ask = {.operands = NULL};
	struct report_opts opts = {.html = NULL};
	struct ward ward = {NULL, 0, 0};
	struct ask_spec own = spec;
	int status = HEALTH_UNKNOWN;

	own.into = &opts;
	switch (ask_begin(&ask, &own, argc, argv)) {
	case OPT_RUN:
		if (ask.targets.list)
			status = ask_list(&ask, PICK_SHOW);
		else if (!go(&ask, &opts, &ward))
			status = (int)ward_status(&ward);
		break;
	case OPT_SHOWN:
		status = HEALTH_OK;
		break;
	case OPT_BAD:
		break;
	}
	ward_finish(&ward);
	return ask_end(&ask, &own, status);
}
