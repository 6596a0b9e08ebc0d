/*
 * The input is a script and its arguments, with NUL between them. What
 * quote_command makes of them is read back by the rules that all login shells share and must be the
 * parts again; what quote_terminal makes must be harmless to a terminal.
 */
#include "lib/base/quote.h"

#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "tests/fuzz/fuzz.h"

/* Reads one word at *at, and steps behind it and a blank. Only what all shells agree on may occur.
 */
static char *read_word(const char **at)
{
	struct buf word = BUF_INIT;
	const char *start = *at;
	bool quoted = false;

	for (; **at && (quoted || **at != ' '); ++*at) {
		must(**at != '\n');
		if (**at == '\'') {
			quoted = !quoted;
		} else if (**at == '\\') {
			must(!quoted);
			++*at;
			must(**at && strchr("\\'!", **at));
			buf_char(&word, **at);
		} else {
			must(**at != '!');
			must(quoted || !strchr("\t\r\"$`*?[]{}()<>|&;#~%^", **at));
			buf_char(&word, **at);
		}
	}
	must(!quoted && *at - start < 8192 && *at > start);
	*at += **at == ' ';
	return buf_detach(&word);
}

/* As printf %b, for the two escapes that are used. */
static char *decode(const char *text)
{
	struct buf decoded = BUF_INIT;

	for (; *text; text++) {
		if (*text != '\\') {
			buf_char(&decoded, *text);
			continue;
		}
		text++;
		must(*text == 'n' || *text == '\\');
		buf_char(&decoded, *text == 'n' ? '\n' : '\\');
	}
	return buf_detach(&decoded);
}

/* `set -- 'ARG' ...` and the script, as the decoder's shell would read it. */
static void check_decoded(const char *at, const char *script, const struct list *args)
{
	must(!strncmp(at, "set --", 6));
	at += 6;
	for (size_t i = 0; i < args->count; i++) {
		must(*at++ == ' ' && *at++ == '\'');
		for (const char *want = args->at[i]; *want; want++) {
			must(*at++ == *want);
			if (*want == '\'')
				must(!strncmp(at, "\\''", 3) && (at += 3));
		}
		must(*at++ == '\'');
	}
	must(*at++ == '\n' && !strcmp(at, script));
}

static void check_command(const char *line, const char *script, const struct list *args)
{
	struct list words = LIST_INIT;
	struct buf joined = BUF_INIT;
	char *decoded;
	bool plain;

	while (*line)
		list_take(&words, read_word(&line));
	must(words.count >= 5 && !strcmp(words.at[0], "exec") && !strcmp(words.at[1], "sh") &&
	     !strcmp(words.at[2], "-c") && !strcmp(words.at[4], "mroom"));
	plain = words.count == 5 + args->count && !strcmp(words.at[3], script);
	for (size_t i = 0; plain && i < args->count; i++)
		plain = !strcmp(words.at[5 + i], args->at[i]);
	if (!plain) {
		for (size_t i = 5; i < words.count; i++)
			buf_text(&joined, words.at[i]);
		decoded = decode(joined.at);
		check_decoded(decoded, script, args);
		free(decoded);
	}
	buf_finish(&joined);
	list_finish(&words);
}

/* No control bytes, no C1 controls, no bidirectional overrides, nothing but UTF-8. */
static void check_terminal(const char *bytes, size_t count)
{
	struct buf shown = BUF_INIT;
	uint32_t point = 0;

	quote_terminal(&shown, bytes, count, false);
	for (size_t at = 0; at < shown.len;) {
		size_t size = utf8_read(shown.at + at, shown.len - at, &point);

		must(size && point >= ' ' && (point < 0x7f || point > 0x9f));
		must((point < 0x202a || point > 0x202e) && (point < 0x2066 || point > 0x2069));
		at += size;
	}
	buf_finish(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *text = mem_text_n((const char *)bytes, count);
	struct list args = LIST_INIT;
	struct buf line = BUF_INIT;

	for (size_t at = strlen(text) + 1; at <= count; at += strlen(text + at) + 1)
		list_add(&args, text + at);
	list_take(&args, NULL);
	quote_command(&line, text, (const char *const *)args.at);
	args.count--;
	check_command(line.at, text, &args);
	check_terminal(text, count);
	buf_finish(&line);
	list_finish(&args);
	free(text);
	return 0;
}
