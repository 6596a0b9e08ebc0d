#include "lib/room/config_read.h"

#include <ini.h>
#include <stdarg.h>
#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"

/* What inih is told where a section line is bad, so that what follows belongs to no other section. */
#define NO_SECTION "?"

struct reader {
	const char *source;
	const char *at, *end; /* what is not read yet */
	long line;
	config_entry_fn *fn;
	void *ctx;
	struct list *problems;
};

static void __attribute__((format(printf, 2, 3)))
complain(struct reader *reader, const char *format, ...)
{
	struct buf text = BUF_INIT;
	va_list args;

	buf_format(&text, "%s:%ld: ", reader->source, reader->line);
	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	list_take(reader->problems, buf_detach(&text));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Sections, settings and aliases are called so. */
static bool is_name(const char *text, size_t size)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	if (!size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (!text[i] || !strchr(bytes, text[i]))
			return false;
	return true;
}

/* Text alone: no control bytes, valid UTF-8. */
static bool check_bytes(struct reader *reader, const char *line, size_t size)
{
	uint32_t point;

	for (size_t at = 0, step; at < size; at += step) {
		unsigned char byte = (unsigned char)line[at];

		step = utf8_read(line + at, size - at, &point);
		if (!step) {
			complain(reader, "byte 0x%02x is not UTF-8 (is this a text file?)", byte);
			return false;
		}
		if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
			complain(reader, "a control byte, 0x%02x, has no place in settings", byte);
			return false;
		}
	}
	return true;
}

static bool check_section(struct reader *reader, const char *line, size_t size)
{
	const char *close = memchr(line, ']', size);
	size_t name = close ? (size_t)(close - line) - 1 : 0;

	if (!close)
		complain(reader, "the section's bracket is not closed");
	else if (name + 2 != size)
		complain(reader, "text behind [%.*s] would be lost", (int)name, line + 1);
	else if (!is_name(line + 1, name))
		complain(reader, "[%.*s] is not a section's name", (int)name, line + 1);
	else if (name > 49)
		complain(reader, "the section's name is longer than 49 bytes");
	else
		return true;
	return false;
}

static bool check_setting(struct reader *reader, const char *line, size_t size)
{
	const char *equals = memchr(line, '=', size);
	const char *end = line + size;
	size_t name = equals ? (size_t)(equals - line) : 0;

	while (name && is_blank(line[name - 1]))
		name--;
	if (!equals) {
		complain(reader, "'%.*s' is neither [section], key = value, nor # comment", (int)size,
			 line);
		return false;
	}
	if (!is_name(line, name)) {
		complain(reader, "'%.*s' is not a setting's name", (int)name, line);
		return false;
	}
	if (equals + 1 < end && equals[1] == ';') {
		complain(reader, "'%.*s' begins with ';' (a comment needs a line of its own)",
			 (int)(end - equals - 1), equals + 1);
		return false;
	}
	for (const char *at = equals + 1; at + 1 < end; at++)
		if (is_blank(at[0]) && at[1] == ';') {
			complain(reader, "'%.*s' would be lost: a value ends at ' ;' "
					 "(a comment needs a line of its own)",
				 (int)(end - at - 1), at + 1);
			return false;
		}
	return true;
}

/* Whether inih may have the line. Comments and empty lines need not reach it. */
static bool check_line(struct reader *reader, const char *line, size_t size, size_t most)
{
	const char *text = line;

	while (text < line + size && is_blank(*text))
		text++;
	if (!check_bytes(reader, line, size))
		return false;
	if (text == line + size || *text == '#' || *text == ';')
		return false;
	if (size > most) {
		complain(reader, "the line is %zu bytes long, %zu is the most", size, most);
		return false;
	}
	if (text > line) {
		complain(reader, "the line is indented, so that it would continue the one before "
				 "(begin it at the margin)");
		return false;
	}
	return *line == '[' ? check_section(reader, line, size) : check_setting(reader, line, size);
}

/* The next line without its end, without blanks behind it; false at the end of the file. */
static bool next_line(struct reader *reader, const char **line, size_t *size)
{
	const char *start = reader->at;
	const char *newline;

	if (start == reader->end || reader->problems->count >= CONFIG_PROBLEMS_MAX)
		return false;
	newline = memchr(start, '\n', (size_t)(reader->end - start));
	reader->at = newline ? newline + 1 : reader->end;
	reader->line++;
	*line = start;
	*size = (size_t)((newline ? newline : reader->end) - start);
	if (*size && start[*size - 1] == '\r')
		--*size;
	while (*size && is_blank(start[*size - 1]))
		--*size;
	return true;
}

/* inih's source of lines, in the manner of fgets: `room` bytes with newline and NUL. */
static char *hand_line(char *into, int room, void *stream)
{
	struct reader *reader = stream;
	size_t most = room > CONFIG_LINE_MAX + 2 ? CONFIG_LINE_MAX : (size_t)room - 2;
	const char *line;
	size_t size;

	if (!next_line(reader, &line, &size))
		return NULL;
	if (check_line(reader, line, size, most)) {
		memcpy(into, line, size);
		memcpy(into + size, "\n", 2);
		if (*line == '[') {
			struct config_entry entry = {.line = reader->line};
			char *name = mem_text_n(line + 1, size - 2);

			entry.section = name;
			reader->fn(reader->ctx, &entry);
			free(name);
		}
	} else if (size && *line == '[') {
		memcpy(into, "[" NO_SECTION "]\n", sizeof("[" NO_SECTION "]\n"));
	} else {
		memcpy(into, "\n", 2);
	}
	return into;
}

static int take_entry(void *ctx, const char *section, const char *key, const char *value)
{
	struct reader *reader = ctx;
	struct config_entry entry = {section, key, value, reader->line};

	if (!*section)
		complain(reader, "'%s' stands in no section", key);
	else if (strcmp(section, NO_SECTION) != 0)
		reader->fn(reader->ctx, &entry);
	return 1;
}

void config_read(const char *source, const char *bytes, size_t count, config_entry_fn *fn,
		 void *ctx, struct list *problems)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct reader reader = {source, bytes, bytes + count, 0, fn, ctx, problems};
	int bad;

	if (count >= 3 && !memcmp(bytes, mark, 3))
		reader.at += 3;
	bad = ini_parse_stream(hand_line, &reader, take_entry, &reader);
	if (bad && !problems->count) {
		reader.line = bad < 0 ? reader.line : bad;
		complain(&reader, "the line cannot be read");
	}
}
