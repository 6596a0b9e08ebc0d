#include "lib/base/quote.h"

/* The old csh takes 8 KiB a word, and quoting can make a word 2.5 times as long. */
enum { WORD_MOST = 3000 };

/* Bytes that no shell treats specially anywhere but, for some, at the beginning of a word. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_-./:,+@=", c));
}

static bool is_plain_word(const char *word)
{
	/* zsh replaces =name, csh knows the command @, and an empty word must not vanish. */
	if (!*word || *word == '=' || *word == '@')
		return false;
	while (is_plain(*word))
		word++;
	return !*word;
}

void quote_word(struct buf *buf, const char *word)
{
	bool inside = false;

	if (is_plain_word(word)) {
		buf_text(buf, word);
		return;
	}
	if (!*word) {
		buf_text(buf, "''");
		return;
	}
	while (*word) {
		size_t size = strcspn(word, "\\'!");
		bool outside = size == 0;

		if (inside == outside) {
			buf_char(buf, '\'');
			inside = !inside;
		}
		if (outside) {
			buf_char(buf, '\\');
			size = 1;
		}
		buf_add(buf, word, size);
		word += size;
	}
	if (inside)
		buf_char(buf, '\'');
}

/* Whether quote_word can carry the word through every login shell. */
static bool fits_word(const char *text)
{
	return !strchr(text, '\n') && strlen(text) <= WORD_MOST;
}

static bool all_fit_words(const char *script, const char *const *argv)
{
	if (!fits_word(script))
		return false;
	for (; argv && *argv; argv++)
		if (!fits_word(*argv))
			return false;
	return true;
}

/* The word in quotes that every POSIX shell reads; newlines may be in it. */
static void quote_posix(struct buf *buf, const char *word)
{
	buf_char(buf, '\'');
	for (;;) {
		size_t size = strcspn(word, "'");

		buf_add(buf, word, size);
		word += size;
		if (!*word++)
			break;
		buf_text(buf, "'\\''");
	}
	buf_char(buf, '\'');
}

/* As printf %b reads it: newlines and backslashes are all that needs another form. */
static void encode_percent_b(struct buf *buf, const char *text)
{
	for (;;) {
		size_t size = strcspn(text, "\n\\");

		buf_add(buf, text, size);
		text += size;
		if (!*text)
			break;
		buf_text(buf, *text++ == '\n' ? "\\n" : "\\\\");
	}
}

/*
 * The words carry one text cut into pieces: the script behind a line that sets its arguments.
 * $(...) drops newlines at the end of the script only, where they mean nothing; it costs one fork
 * and no second sh.
 */
static void quote_encoded(struct buf *buf, const char *script, const char *const *argv)
{
	struct buf lines = BUF_INIT;
	struct buf encoded = BUF_INIT;

	buf_text(&lines, "set --");
	for (; argv && *argv; argv++) {
		buf_char(&lines, ' ');
		quote_posix(&lines, *argv);
	}
	buf_char(&lines, '\n');
	buf_text(&lines, script);
	encode_percent_b(&encoded, lines.at);
	quote_word(buf, "eval \"$(IFS=; printf %b \"$*\")\"");
	buf_text(buf, " mroom");
	for (size_t at = 0; at < encoded.len; at += WORD_MOST) {
		buf_clear(&lines);
		buf_add(&lines, encoded.at + at,
			encoded.len - at < WORD_MOST ? encoded.len - at : WORD_MOST);
		buf_char(buf, ' ');
		quote_word(buf, lines.at);
	}
	buf_finish(&encoded);
	buf_finish(&lines);
}

void quote_command(struct buf *buf, const char *script, const char *const *argv)
{
	buf_text(buf, "exec sh -c ");
	if (!all_fit_words(script, argv)) {
		quote_encoded(buf, script, argv);
		return;
	}
	quote_word(buf, script);
	buf_text(buf, " mroom");
	for (; argv && *argv; argv++) {
		buf_char(buf, ' ');
		quote_word(buf, *argv);
	}
}
