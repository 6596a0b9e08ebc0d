/* Lines: whole however the bytes are cut, long ones in a file. */
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/flow/lines.h"
#include "tests/unit/tap.h"

static void note(void *ctx, const struct line *line)
{
	struct buf *notes = ctx;
	char bytes[64] = "";

	if (line->spool >= 0) {
		if (pread(line->spool, bytes, sizeof(bytes), 0) < 0)
			bytes[0] = '!';
		buf_format(notes, "<%zu:%.3s>", line->count, bytes);
		close(line->spool);
	} else {
		buf_format(notes, "(%.*s)", (int)line->count, line->bytes);
	}
	if (!line->whole)
		buf_char(notes, '~');
}

static void cut(const char *text, size_t piece, size_t limit, const char *want, const char *name)
{
	struct buf notes = BUF_INIT;
	struct lines lines;
	struct err err = ERR_INIT;
	size_t size = strlen(text);

	lines_init(&lines);
	for (size_t at = 0; at < size; at += piece)
		lines_feed(&lines, limit, text + at, size - at < piece ? size - at : piece, note,
			   &notes, &err);
	lines_end(&lines, note, &notes);
	lines_finish(&lines);
	tap_text(notes.at, want, name);
	buf_finish(&notes);
}

int main(void)
{
	for (size_t piece = 1; piece < 8; piece++) {
		cut("one\ntwo\n\nfour", piece, 100, "(one)(two)()(four)~", "lines are whole, the last may lack a newline");
		cut("abcdefghij\nk\nlmnopqrst", piece, 4, "<10:abc>(k)<9:lmn>~",
		    "a line past the limit comes as a file");
	}
	cut("", 1, 10, "", "nothing is no line");
	cut("\n", 1, 10, "()", "a newline alone is an empty line");
	setenv("TMPDIR", "/dev/null/tmp", 1);
	struct lines lines;
	struct err err = ERR_INIT;
	struct buf notes = BUF_INIT;

	lines_init(&lines);
	tap_int(lines_feed(&lines, 2, "abcdef", 6, note, &notes, &err), -1, "no room for a long line is an error");
	tap_int(err.status, STATUS_CONSOLE, "of the console");
	tap_ok(strstr(err.text, "/dev/null/tmp") != NULL, "that names the place");
	lines_finish(&lines);
	buf_finish(&notes);
	return tap_done();
}
