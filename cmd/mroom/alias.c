#include "cmd/mroom/mroom.h"
#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/room/config.h"

/* Aliases of aliases: more than this is a circle or a maze. */
#define DEPTH_MAX 10

/* Reads one word at *at, quoted as in a shell but without expansion, and steps behind it. */
static int read_word(const char **at, struct buf *word, struct err *err)
{
	char quote = '\0';

	for (; **at && (quote || (**at != ' ' && **at != '\t')); ++*at) {
		char c = **at;

		if (c == quote) {
			quote = '\0';
		} else if (!quote && (c == '\'' || c == '"')) {
			quote = c;
		} else if (c == '\\' && quote != '\'') {
			c = (*at)[1];
			if (!c)
				return err_set(err, STATUS_USAGE, "it ends in a lone backslash");
			/* Between double quotes a backslash guards only a quote and itself. */
			if (quote && c != '"' && c != '\\')
				buf_char(word, '\\');
			buf_char(word, c);
			++*at;
		} else {
			buf_char(word, c);
		}
	}
	return quote ? err_set(err, STATUS_USAGE, "a %c is not closed", quote) : 0;
}

static int split_words(const char *text, struct list *words, struct err *err)
{
	for (;;) {
		struct buf word = BUF_INIT;

		text += strspn(text, " \t");
		if (!*text)
			return 0;
		if (read_word(&text, &word, err)) {
			buf_finish(&word);
			return -1;
		}
		list_take(words, buf_detach(&word));
	}
}

/* Puts the words in front of argv[1]... All of it belongs to `keep`. */
static char **replace_first(char **argv, struct list *words, struct list *keep)
{
	size_t count = 0;
	char **made;

	while (argv[count])
		count++;
	made = mem_zero(words->count + count, sizeof(*made));
	list_take(keep, (char *)made);
	for (size_t i = 0; i < words->count; i++) {
		made[i] = words->at[i];
		list_take(keep, made[i]);
	}
	for (size_t i = 1; i < count; i++)
		made[words->count + i - 1] = argv[i];
	free(words->at);
	return made;
}

/* argv[0] is an alias for `meaning`. */
static int expand_once(const struct config *config, const char *meaning, char ***argv,
		       struct list *keep, struct err *err)
{
	struct list words = LIST_INIT;

	if (split_words(meaning, &words, err) || !words.count) {
		list_finish(&words);
		if (err->status == STATUS_OK)
			err_set(err, STATUS_USAGE, "it stands for nothing");
		return err_prefix(err, "%s: alias '%s'", config_source(config, "alias", **argv),
				  **argv);
	}
	*argv = replace_first(*argv, &words, keep);
	return 1;
}

int alias_expand(const struct home *home, char ***argv, struct list *keep, struct err *err)
{
	struct config *config = config_open(home, err);
	struct list seen = LIST_INIT;
	const char *meaning;
	int result = config ? 0 : -1;

	while (config && result >= 0 && (meaning = config_alias(config, **argv))) {
		char *tool;

		if (list_has(&seen, **argv) || seen.count == DEPTH_MAX) {
			char *chain = list_join(&seen, " -> ");

			result = err_set(err, STATUS_USAGE,
					 "alias '%s' leads back to itself or too far: "
					 "%s -> %s",
					 seen.count ? seen.at[0] : **argv, chain, **argv);
			free(chain);
			break;
		}
		list_add(&seen, **argv);
		result = expand_once(config, meaning, argv, keep, err);
		/* What is a command is not looked up as an alias. */
		tool = result > 0 ? find_tool(home, **argv) : NULL;
		if (tool) {
			free(tool);
			break;
		}
	}
	list_finish(&seen);
	config_close(config);
	return result;
}

int alias_list(const struct home *home, struct err *err)
{
	struct config *config = config_open(home, err);
	struct list names = LIST_INIT;
	struct buf line = BUF_INIT;

	if (!config)
		return -1;
	config_aliases(config, &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *meaning = config_alias(config, names.at[i]);

		buf_format(&line, "%s\t", names.at[i]);
		quote_field(&line, meaning, strlen(meaning));
		buf_char(&line, '\n');
	}
	fwrite(line.at, 1, line.len, stdout);
	buf_finish(&line);
	list_finish(&names);
	config_close(config);
	return 0;
}

int alias_show(const struct home *home, const char *name, struct err *err)
{
	struct config *config = config_open(home, err);
	const char *own = config ? config_alias(config, name) : NULL;
	const char *meaning = own || !config ? own : habit_meaning(name);
	int result = config ? meaning != NULL : -1;

	if (meaning)
		printf("%s is an alias for: %s\n", name, meaning);
	config_close(config);
	return result;
}

void alias_names(const struct home *home, struct list *names)
{
	struct err ignored = ERR_INIT;
	struct config *config = config_open(home, &ignored);

	if (config)
		config_aliases(config, names);
	config_close(config);
}
