/* mroom complete: what could stand at the cursor of a command line. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/complete/complete.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"

#define COMMAND "mroom complete"
#define ALIASES_MAX 10

/* What the words before the current one come to. */
struct reading {
	const struct option *pending; /* whose value the current word is */
	size_t operands;
	const char *first; /* of them, or NULL */
	bool dashes;	   /* -- came */
	bool targeted;	   /* an option says which servers */
	bool remote;	   /* words of a remote command: nobody's business */
};

static void complete_options(struct completion *completion, size_t at, struct list *command);

/* -x, -xVALUE, -abx: what the last letter waits for. */
static const struct option *read_letters(const struct answer *answer, const char *letters)
{
	for (; *letters; letters++) {
		const struct option *option = answer_letter(answer, *letters);

		if (!option || !strcmp(option->type, "maybe"))
			return NULL;
		if (option_wants_value(option))
			return letters[1] ? NULL : option;
	}
	return NULL;
}

static bool says_targets(const struct answer *answer, const char *word)
{
	const struct option *option = word[1] == '-'
					  ? answer_name(answer, word + 2, strcspn(word + 2, "="))
					  : answer_letter(answer, word[1]);
	static const char *const names[] = {"targets", "group", "all"};

	for (size_t i = 0; option && i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(option->name, names[i]))
			return true;
	return false;
}

static struct reading read_words(const struct completion *completion, size_t at,
				 const struct answer *answer)
{
	struct reading reading = {.operands = 0};

	for (; at + 1 < completion->words.count; at++) {
		const char *word = completion->words.at[at];

		if (reading.pending) {
			reading.pending = NULL;
		} else if (reading.dashes || *word != '-' || !word[1]) {
			if (!reading.operands++)
				reading.first = word;
			reading.remote = !answer->operand;
		} else if (!strcmp(word, "--")) {
			reading.dashes = true;
			reading.remote = !answer->operand;
		} else {
			reading.targeted |= says_targets(answer, word);
			if (word[1] != '-')
				reading.pending = read_letters(answer, word + 1);
			else if (!strchr(word, '='))
				reading.pending = answer_name(answer, word + 2, strlen(word + 2));
			if (!option_wants_value(reading.pending))
				reading.pending = NULL;
		}
	}
	return reading;
}

/* The kinds of operands stand for one each, the last one for all that follow; one that ends in ? is
 * left out where an option tells it already. */
static void offer_form(struct completion *completion, const char *kinds,
		       const struct reading *reading)
{
	struct list list = LIST_INIT;
	const char *kind = NULL;
	size_t skip = reading->operands;

	list_split(&list, kinds, ' ');
	for (size_t i = 0; i < list.count; i++) {
		size_t size = strlen(list.at[i]);

		if (list.at[i][size - 1] == '?') {
			if (reading->targeted)
				continue;
			list.at[i][size - 1] = '\0';
		}
		kind = list.at[i];
		if (!skip--)
			break;
	}
	if (kind)
		offer_kind(completion, kind, completion->current, "");
	list_finish(&list);
}

static bool has_word(const char *form, const char *word)
{
	struct list words = LIST_INIT;
	char *kind = mem_text_n(form, strcspn(form, " "));
	bool found;

	list_split(&words, kind, '|');
	found = strchr(kind, '|') && list_has(&words, word);
	list_finish(&words);
	free(kind);
	return found;
}

/* Of several forms the one is meant whose own word, of a|b, the first operand is, or else the first
 * form. */
static void offer_operand(struct completion *completion, const char *forms,
			  const struct reading *reading)
{
	struct list list = LIST_INIT;
	size_t meant = 0;

	list_split(&list, forms ? forms : "", ';');
	for (size_t i = 0; i < list.count; i++)
		if (!reading->first)
			offer_form(completion, list.at[i], reading);
		else if (has_word(list.at[i], reading->first))
			meant = i;
	if (reading->first && list.count)
		offer_form(completion, list.at[meant], reading);
	list_finish(&list);
}

static void offer_names(const struct answer *answer, const char *prefix)
{
	char word[3] = "-";

	for (size_t i = 0; i < answer->count; i++) {
		const struct option *option = &answer->options[i];

		word[1] = option->letter[0];
		if (word[1])
			offer("", word, prefix, option->help);
		if (*option->name)
			offer("--", option->name, strlen(prefix) > 1 ? prefix + 2 : "",
			      option->help);
	}
}

/* The current word begins with '-': a name, or a name with its value. */
static void offer_option(struct completion *completion, const struct answer *answer)
{
	const char *current = completion->current, *equals = strchr(current, '=');
	const struct option *option = NULL;
	const char *value = NULL;
	char *front;

	if (!strncmp(current, "--", 2) && equals) {
		option = answer_name(answer, current + 2, (size_t)(equals - current - 2));
		value = equals + 1;
	} else if (current[1] && current[1] != '-' && current[2]) {
		option = answer_letter(answer, current[1]);
		value = option_wants_value(option) ? current + 2 : NULL;
	}
	if (option && value) {
		front = mem_format("%.*s", (int)(value - current), current);
		offer_kind(completion, option->complete, value, front);
		free(front);
	} else if (!equals) {
		offer_names(answer, current);
	}
}

static void complete_verb(struct completion *completion, size_t at, struct list *command,
			  const struct answer *answer)
{
	if (at + 1 < completion->words.count) {
		list_add(command, completion->words.at[at]);
		complete_options(completion, at + 1, command);
		return;
	}
	for (size_t i = 0; i < answer->count; i++)
		offer("", answer->options[i].name, completion->current, answer->options[i].help);
	offer("", "--help", completion->current, NULL);
}

/* Completes the words from index `at` on by what the command lists. */
static void complete_options(struct completion *completion, size_t at, struct list *command)
{
	struct reading reading;
	struct answer answer;

	answer_get(completion, command, &answer);
	if (answer.verbs) {
		complete_verb(completion, at, command, &answer);
		answer_finish(&answer);
		return;
	}
	reading = read_words(completion, at, &answer);
	if (reading.pending)
		offer_kind(completion, reading.pending->complete, completion->current, "");
	else if (*completion->current == '-' && !reading.dashes && !reading.remote)
		offer_option(completion, &answer);
	else if (!reading.remote)
		offer_operand(completion, answer.operand, &reading);
	answer_finish(&answer);
}

static bool holds(const struct buf *text, const char *word)
{
	size_t size = strlen(word);

	for (size_t i = 0; i + size <= text->len; i++)
		if (!memcmp(text->at + i, word, size))
			return true;
	return false;
}

/* Whether a foreign tool may be asked: one that speaks of --list-options. Others might do their
 * work instead. */
static bool speaks_of_options(const char *path)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	bool found =
	    !io_read_file(path, 64 * 1024 * 1024, &text, &err) && holds(&text, "--list-options");

	buf_finish(&text);
	return found;
}

static bool runs(const char *dir, const char *name, bool *answers)
{
	char *path = mem_format("%s/mroom-%s", dir, name);
	bool found = !access(path, X_OK);

	if (found && !*answers)
		*answers = speaks_of_options(path);
	free(path);
	return found;
}

/* Whether there is such a command; `answers`: it may be asked for its options. */
static bool is_command(const struct completion *completion, const char *name, bool *answers)
{
	struct list path = LIST_INIT;
	char *beside = home_tools_beside();
	bool found;

	*answers = true;
	found = runs(completion->home.exec_path, name, answers) ||
		(beside && runs(beside, name, answers));
	*answers = found;
	list_split(&path, getenv("PATH") ? getenv("PATH") : "", ':');
	for (size_t i = 0; i < path.count && !found; i++)
		found = runs(path.at[i], name, answers);
	list_finish(&path);
	free(beside);
	return found;
}

/* Puts what an alias at index `at` stands for in its place; false where it is none. */
static bool expand_alias(struct completion *completion, size_t at)
{
	struct list arguments = LIST_INIT, lines = LIST_INIT, words = LIST_INIT;
	struct list *all = &completion->words;
	const char *meaning = NULL;

	list_add(&arguments, "--list-aliases");
	ask(completion, &arguments, &lines);
	for (size_t i = 0; i < lines.count && !meaning; i++) {
		char *tab = strchr(lines.at[i], '\t');

		if (tab)
			*tab = '\0';
		if (tab && !strcmp(lines.at[i], all->at[at]))
			meaning = tab + 1;
	}
	for (size_t i = 0; meaning && i < all->count; i++)
		if (i == at)
			list_split(&words, meaning, ' ');
		else
			list_add(&words, all->at[i]);
	if (meaning) {
		list_finish(all);
		*all = words;
		completion->current = all->count ? all->at[all->count - 1] : "";
	}
	list_finish(&lines);
	list_finish(&arguments);
	return meaning != NULL;
}

static void complete(struct completion *completion)
{
	struct list command = LIST_INIT;
	size_t at = 1, last = completion->words.count - 1;
	bool answers = false;

	while (at < last && *completion->words.at[at] == '-')
		at++;
	if (at == last && *completion->current == '-') {
		complete_options(completion, at, &command);
	} else if (at == last) {
		offer_kind(completion, "commands", completion->current, "");
		if (*completion->current)
			offer_kind(completion, "servers", completion->current, "");
	} else if (!strcmp(completion->words.at[at], "help")) {
		offer_kind(completion, "commands", completion->current, "");
	} else {
		for (int i = 0; i < ALIASES_MAX; i++)
			/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is one */
			if (is_command(completion, completion->words.at[at], &answers) ||
			    !expand_alias(completion, at))
				break;
		list_add(&command, completion->words.at[at]);
		if (answers)
			complete_options(completion, at + 1, &command);
	}
	list_finish(&command);
}

int main(int argc, char **argv)
{
	static const char *const examples[] = {"mroom complete -- mroom exec -w web", NULL};
	static const struct opt none[] = {{.type = OPT_END}};
	const struct opt_group groups[] = {{"Options", none, NULL}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "-- WORD...",
	    .about =
		"Prints what the last word could become: this is what completion in shells asks.",
	    .stop_at_operand = true,
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct completion completion = {.words = LIST_INIT};
	struct err err = ERR_INIT, unknown = ERR_INIT;
	int operands, status = 0;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_RUN:
		break;
	case OPT_SHOWN:
		return io_close_stdout(&err) ? err_report(&err, COMMAND) : 0;
	case OPT_BAD:
		return err_report(&err, COMMAND);
	}
	if (argc - operands < 2) {
		err_set(&err, STATUS_USAGE, "what is typed is to follow: -- mroom WORD...");
		return err_report(&err, COMMAND);
	}
	for (int i = operands; i < argc; i++)
		list_add(&completion.words, argv[i]);
	completion.current = argv[argc - 1];
	home_find(&completion.home, &unknown); /* without a home there are no servers */
	complete(&completion);
	store_close(completion.store);
	home_finish(&completion.home);
	list_finish(&completion.words);
	if (io_close_stdout(&err))
		status = err_report(&err, COMMAND);
	return status;
}
