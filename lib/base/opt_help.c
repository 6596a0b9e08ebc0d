#include "lib/base/opt_table.h"

#include "lib/base/buf.h"

enum { HELP_WIDEST = 32 }; /* an option wider than this has its help on the next line */

/* What stands for the value: the choices themselves, or its name. */
static const char *value_name(const struct opt *opt)
{
	if (opt->choices)
		return opt->choices;
	return opt->arg ? opt->arg : "VALUE";
}

/* "-f, --fanout N" */
static void describe(struct buf *line, const struct opt *opt)
{
	bool separate = opt_takes_value(opt);

	if (opt->letter)
		buf_format(line, "-%c%s", opt->letter, opt->name ? ", " : "");
	else
		buf_text(line, "    ");
	if (opt->name)
		buf_format(line, "--%s", opt->name);
	if (separate)
		buf_format(line, " %s", value_name(opt));
	else if (opt->type == OPT_MAYBE)
		buf_format(line, opt->name ? "[=%s]" : "[%s]", value_name(opt));
}

static void print_option(const struct opt *opt, int width, FILE *to)
{
	struct buf line = BUF_INIT;

	describe(&line, opt);
	if (line.len > HELP_WIDEST)
		fprintf(to, "  %s\n  %*s  %s\n", line.at, width, "", opt->help);
	else
		fprintf(to, "  %-*s  %s\n", width, line.at, opt->help);
	buf_finish(&line);
}

/* An option as it can be reached: without the letter or the name that an earlier table has taken. False
 * where nothing is left of it. */
static bool reachable(const struct opt_spec *spec, const struct opt *opt, struct opt *as)
{
	*as = *opt;
	if (opt->letter && opt_by_letter(spec, opt->letter).opt != opt)
		as->letter = '\0';
	if (opt->name && opt_by_name(spec, opt->name, strlen(opt->name)).opt != opt)
		as->name = NULL;
	return as->letter || as->name;
}

/* How wide the left column is, over all groups. */
static int widest_option(const struct opt_spec *spec, const struct opt *own)
{
	struct buf line = BUF_INIT;
	struct opt as;
	size_t width;

	describe(&line, own);
	width = line.len;
	for (size_t i = 0; i < spec->group_count; i++)
		for (const struct opt *opt = spec->groups[i].opts; opt->type != OPT_END; opt++) {
			if (!reachable(spec, opt, &as))
				continue;
			buf_clear(&line);
			describe(&line, &as);
			if (line.len > width && line.len <= HELP_WIDEST)
				width = line.len;
		}
	buf_finish(&line);
	return (int)width;
}

static struct opt help_option(const struct opt_spec *spec)
{
	return (struct opt){.letter = opt_letter_helps(spec, 'h') ? 'h' : '\0',
			    .name = "help",
			    .type = OPT_FLAG,
			    .help = "show this help"};
}

void opt_help(const struct opt_spec *spec, FILE *to)
{
	struct opt own = help_option(spec);
	int width = widest_option(spec, &own);
	bool args = spec->args && *spec->args;
	struct opt as;

	fprintf(to, "Usage: %s [OPTIONS]%s%s\n", spec->command, args ? " " : "",
		args ? spec->args : "");
	if (spec->about)
		fprintf(to, "%s\n", spec->about);
	for (size_t i = 0; i < spec->group_count; i++) {
		const struct opt_group *group = &spec->groups[i];

		if (group->opts->type == OPT_END)
			continue;
		fprintf(to, "\n%s:\n", group->title);
		for (const struct opt *opt = group->opts; opt->type != OPT_END; opt++)
			if (reachable(spec, opt, &as))
				print_option(&as, width, to);
	}
	fprintf(to, "\nGeneral:\n");
	print_option(&own, width, to);
	if (spec->examples)
		fprintf(to, "\nExamples:\n");
	for (const char *const *line = spec->examples; line && *line; line++)
		fprintf(to, "  %s\n", *line);
}

static const char *type_name(enum opt_type type)
{
	static const char *const names[] = {
	    [OPT_FLAG] = "flag", [OPT_COUNT] = "count",	  [OPT_INT] = "int",
	    [OPT_TEXT] = "text", [OPT_LIST] = "list",	  [OPT_TIME] = "time",
	    [OPT_SIZE] = "size", [OPT_CHOICE] = "choice", [OPT_MAYBE] = "maybe"};

	return names[type];
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void list_option(const struct opt *opt, FILE *to)
{
	const char letter[2] = {opt->letter, '\0'};
	bool valued = opt_takes_value(opt) || opt->type == OPT_MAYBE;

	fprintf(to, "%s\t%s\t%s\t%s\t%s\t%s\n", letter, or_empty(opt->name), type_name(opt->type),
		valued ? value_name(opt) : "",
		opt->choices ? opt->choices : or_empty(opt->complete), or_empty(opt->help));
}

void opt_list(const struct opt_spec *spec, FILE *to)
{
	struct opt own = help_option(spec);
	struct opt as;

	for (size_t i = 0; i < spec->group_count; i++)
		for (const struct opt *opt = spec->groups[i].opts; opt->type != OPT_END; opt++)
			if (reachable(spec, opt, &as))
				list_option(&as, to);
	list_option(&own, to);
	if (spec->operand_complete)
		fprintf(to, "\t\toperand\t%s\t%s\t%.*s\n", or_empty(spec->args),
			spec->operand_complete, (int)strcspn(or_empty(spec->about), "\n"),
			or_empty(spec->about));
}
