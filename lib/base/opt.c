#include "lib/base/opt.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/opt_table.h"

/* Where the parser stands. Options are kept apart from operands, to be put in front of them. */
struct parse {
	const struct opt_spec *spec;
	char **argv;
	int argc;
	int at;		/* the next argument */
	char **options; /* argc of them each */
	char **operands;
	int option_count;
	int operand_count;
	struct err *err;
};

struct opt_slot opt_by_name(const struct opt_spec *spec, const char *name, size_t size)
{
	for (size_t i = 0; i < spec->group_count; i++)
		for (const struct opt *opt = spec->groups[i].opts; opt->type != OPT_END; opt++)
			if (opt->name && strlen(opt->name) == size &&
			    !memcmp(opt->name, name, size))
				return (struct opt_slot){opt, spec->groups[i].into};
	return (struct opt_slot){NULL, NULL};
}

struct opt_slot opt_by_letter(const struct opt_spec *spec, char letter)
{
	for (size_t i = 0; i < spec->group_count && letter; i++)
		for (const struct opt *opt = spec->groups[i].opts; opt->type != OPT_END; opt++)
			if (opt->letter == letter)
				return (struct opt_slot){opt, spec->groups[i].into};
	return (struct opt_slot){NULL, NULL};
}

bool opt_letter_helps(const struct opt_spec *spec, char letter)
{
	return letter == 'h' && !opt_by_letter(spec, 'h').opt;
}

/* The known long name that an unknown one may have meant, or NULL. */
static const char *nearest_name(const struct opt_spec *spec, const char *word)
{
	const char **names = mem_zero(1, sizeof(*names));
	const char *nearest;
	size_t count = 1;

	names[0] = "help";
	for (size_t i = 0; i < spec->group_count; i++)
		for (const struct opt *opt = spec->groups[i].opts; opt->type != OPT_END; opt++)
			if (opt->name) {
				names = mem_resize(names, count + 1, sizeof(*names));
				names[count++] = opt->name;
			}
	nearest = list_nearest(word, names, count);
	free(names);
	return nearest;
}

static enum opt_result unknown_name(const struct parse *parse, const char *name, size_t size)
{
	char *word = mem_text_n(name, size);
	const char *nearest = nearest_name(parse->spec, word);

	if (!strcmp(word, "help") || !strcmp(word, "list-options"))
		err_set(parse->err, STATUS_USAGE, "--%s takes no value", word);
	else if (nearest)
		err_set(parse->err, STATUS_USAGE, "unknown option --%s (did you mean --%s?)", word,
			nearest);
	else
		err_set(parse->err, STATUS_USAGE, "unknown option --%s (see %s --help)", word,
			parse->spec->command);
	free(word);
	return OPT_BAD;
}

/* The value behind an option that needs one, or NULL with err set. */
static const char *next_value(struct parse *parse, const char *shown)
{
	if (parse->at < parse->argc) {
		parse->options[parse->option_count++] = parse->argv[parse->at];
		return parse->argv[parse->at++];
	}
	err_set(parse->err, STATUS_USAGE, "%s needs a value", shown);
	return NULL;
}

/* --name, --name=VALUE, --name VALUE */
static enum opt_result parse_long(struct parse *parse, const char *name)
{
	size_t size = strcspn(name, "=");
	const char *value = name[size] ? name + size + 1 : NULL;
	struct opt_slot slot = opt_by_name(parse->spec, name, size);
	enum opt_result result = OPT_BAD;
	char *shown;

	if (!slot.opt)
		return unknown_name(parse, name, size);
	shown = mem_format("--%s", slot.opt->name);
	if (value && !opt_takes_value(slot.opt) && slot.opt->type != OPT_MAYBE)
		err_set(parse->err, STATUS_USAGE, "%s takes no value", shown);
	else if (!value && opt_takes_value(slot.opt) && !(value = next_value(parse, shown)))
		result = OPT_BAD;
	else if (!opt_store(slot, shown, value, parse->err))
		result = OPT_RUN;
	free(shown);
	return result;
}

/* -a, -abc, -f10, -f 10: letters until one takes the rest as its value. */
static enum opt_result parse_letters(struct parse *parse, const char *letters)
{
	char shown[3] = "-";

	for (; *letters; letters++) {
		struct opt_slot slot = opt_by_letter(parse->spec, *letters);
		const char *value = NULL;

		shown[1] = *letters;
		if (!slot.opt && opt_letter_helps(parse->spec, *letters)) {
			opt_help(parse->spec, stdout);
			return OPT_SHOWN;
		}
		if (!slot.opt) {
			err_set(parse->err, STATUS_USAGE, "unknown option %s (see %s --help)",
				shown, parse->spec->command);
			return OPT_BAD;
		}
		if (opt_takes_value(slot.opt)) {
			value = letters[1] ? letters + 1 : next_value(parse, shown);
			if (!value)
				return OPT_BAD;
		} else if (slot.opt->type == OPT_MAYBE && letters[1]) {
			value = letters + 1;
		}
		if (opt_store(slot, shown, value, parse->err))
			return OPT_BAD;
		if (value)
			break;
	}
	return OPT_RUN;
}

static enum opt_result parse_option(struct parse *parse, const char *text)
{
	if (!strcmp(text, "--help")) {
		opt_help(parse->spec, stdout);
		return OPT_SHOWN;
	}
	if (!strcmp(text, "--list-options")) {
		opt_list(parse->spec, stdout);
		return OPT_SHOWN;
	}
	if (text[1] == '-')
		return parse_long(parse, text + 2);
	return parse_letters(parse, text + 1);
}

/* Reads until the end, "--", or the first operand when that ends the options. */
static enum opt_result parse_all(struct parse *parse, bool *dashes)
{
	enum opt_result result = OPT_RUN;

	while (parse->at < parse->argc && result == OPT_RUN) {
		char *text = parse->argv[parse->at];
		bool operand = text[0] != '-' || !text[1];

		if (operand && parse->spec->stop_at_operand)
			break;
		parse->at++;
		if (operand) {
			parse->operands[parse->operand_count++] = text;
			continue;
		}
		parse->options[parse->option_count++] = text;
		*dashes = !strcmp(text, "--");
		if (*dashes)
			break;
		result = parse_option(parse, text);
	}
	while (parse->at < parse->argc)
		parse->operands[parse->operand_count++] = parse->argv[parse->at++];
	return result;
}

enum opt_result opt_parse(const struct opt_spec *spec, int argc, char **argv, int *operands,
			  bool *saw_dashes, struct err *err)
{
	size_t room = (size_t)(argc > 0 ? argc : 1);
	struct parse parse = {.spec = spec, .argv = argv, .argc = argc, .at = 1, .err = err};
	enum opt_result result;
	bool dashes = false;

	parse.options = mem_zero(room, sizeof(*parse.options));
	parse.operands = mem_zero(room, sizeof(*parse.operands));
	result = parse_all(&parse, &dashes);
	if (result == OPT_RUN) {
		*operands = argc > 0 ? 1 + parse.option_count : argc;
		for (int i = 0; i < parse.option_count; i++)
			argv[1 + i] = parse.options[i];
		for (int i = 0; i < parse.operand_count; i++)
			argv[*operands + i] = parse.operands[i];
		if (saw_dashes)
			*saw_dashes = dashes;
	}
	free(parse.options);
	free(parse.operands);
	return result;
}
