/* What a tool says to --list-options. */
#include <stdlib.h>
#include <string.h>

#include "cmd/complete/complete.h"
#include "lib/base/child.h"
#include "lib/base/err.h"
#include "lib/base/mem.h"

#define ANSWER_MAX (1024 * 1024)

void ask(const struct completion *completion, const struct list *arguments, struct list *lines)
{
	const char **argv = mem_zero(arguments->count + 2, sizeof(*argv));
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	argv[0] = completion->words.at[0];
	for (size_t i = 0; i < arguments->count; i++)
		argv[1 + i] = arguments->at[i];
	/* What goes wrong is not for the prompt. */
	if (!child_read(argv, ANSWER_MAX, &out, &err) && out.at)
		for (const char *at = out.at; *at; at += strcspn(at, "\n"), at += *at == '\n')
			list_add_n(lines, at, strcspn(at, "\n"));
	buf_finish(&out);
	free(argv);
}

/* Cuts a line at its tabs; missing fields are empty. */
static void cut(char *line, const char **fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *end = line + strcspn(line, "\t");

		fields[i] = line;
		line = *end ? end + 1 : end;
		*end = '\0';
	}
}

static void take_line(struct answer *answer, char *line)
{
	enum { LETTER, NAME, TYPE, ARG, COMPLETE, HELP, FIELDS };
	const char *field[FIELDS];
	struct option *option = &answer->options[answer->count];

	cut(line, field, FIELDS);
	if (!strcmp(field[LETTER], "verb")) {
		answer->verbs = true;
		*option = (struct option){"", field[NAME], "verb", "", field[TYPE]};
		answer->count++;
	} else if (!strcmp(field[TYPE], "operand")) {
		answer->operand = field[COMPLETE];
	} else {
		*option = (struct option){field[LETTER], field[NAME], field[TYPE], field[COMPLETE],
					  field[HELP]};
		answer->count++;
	}
}

void answer_get(const struct completion *completion, const struct list *command,
		struct answer *answer)
{
	struct list arguments = LIST_INIT;

	*answer = (struct answer){.lines = LIST_INIT};
	for (size_t i = 0; i < command->count; i++)
		list_add(&arguments, command->at[i]);
	list_add(&arguments, "--list-options");
	ask(completion, &arguments, &answer->lines);
	answer->options = mem_zero(answer->lines.count + 1, sizeof(*answer->options));
	for (size_t i = 0; i < answer->lines.count; i++)
		take_line(answer, answer->lines.at[i]);
	list_finish(&arguments);
}

void answer_finish(struct answer *answer)
{
	free(answer->options);
	list_finish(&answer->lines);
}

const struct option *answer_name(const struct answer *answer, const char *name, size_t size)
{
	for (size_t i = 0; i < answer->count; i++)
		if (size && strlen(answer->options[i].name) == size &&
		    !memcmp(answer->options[i].name, name, size))
			return &answer->options[i];
	return NULL;
}

const struct option *answer_letter(const struct answer *answer, char letter)
{
	for (size_t i = 0; i < answer->count; i++)
		if (letter && answer->options[i].letter[0] == letter)
			return &answer->options[i];
	return NULL;
}

bool option_wants_value(const struct option *option)
{
	return option && strcmp(option->type, "flag") != 0 && strcmp(option->type, "count") != 0 &&
	       strcmp(option->type, "maybe") != 0;
}
