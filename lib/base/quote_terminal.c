#include "lib/base/quote.h"

#include <string.h>

#include "lib/base/utf8.h"

/*
 * Characters that move the cursor, turn the direction of writing, or leave no trace on the screen,
 * so that what is seen would not be what is there.
 */
static bool is_deceptive(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
	    {0x0080, 0x009f},	/* C1 controls */
	    {0x061c, 0x061c},	/* Arabic letter mark */
	    {0x180e, 0x180e},	/* Mongolian vowel separator */
	    {0x200b, 0x200b},	/* zero width space */
	    {0x200e, 0x200f},	/* direction marks */
	    {0x2028, 0x202e},	/* line and paragraph separators, embeddings, overrides */
	    {0x2060, 0x206f},	/* word joiner, isolates, deprecated format characters */
	    {0xfeff, 0xfeff},	/* byte order mark */
	    {0xfff9, 0xfffb},	/* interlinear annotations */
	    {0xe0000, 0xe007f}, /* tags */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

static void show_byte(struct buf *buf, unsigned char byte)
{
	switch (byte) {
	case '\t':
		buf_text(buf, "\\t");
		break;
	case '\n':
		buf_text(buf, "\\n");
		break;
	case '\r':
		buf_text(buf, "\\r");
		break;
	case 0x1b:
		buf_text(buf, "\\e");
		break;
	default:
		buf_format(buf, "\\x%02x", byte);
	}
}

static bool is_printable_ascii(char c, bool keep_tab)
{
	return (c >= ' ' && c <= '~') || (c == '\t' && keep_tab);
}

void quote_terminal(struct buf *buf, const char *bytes, size_t count, bool keep_tab)
{
	uint32_t point = 0;
	size_t size;

	while (count) {
		for (size = 0; size < count && is_printable_ascii(bytes[size], keep_tab);)
			size++;
		buf_add(buf, bytes, size);
		bytes += size;
		count -= size;
		if (!count)
			return;
		size = utf8_read(bytes, count, &point);
		if (size < 2) {
			show_byte(buf, (unsigned char)*bytes);
			size = 1;
		} else if (is_deceptive(point)) {
			buf_format(buf, "\\u{%04X}", (unsigned)point);
		} else {
			buf_add(buf, bytes, size);
		}
		bytes += size;
		count -= size;
	}
}

void quote_terminal_lines(struct buf *buf, const char *bytes, size_t count)
{
	const char *end = bytes + count;

	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *stop = newline ? newline : end;

		quote_terminal(buf, bytes, (size_t)(stop - bytes), true);
		if (newline)
			buf_char(buf, '\n');
		bytes = newline ? newline + 1 : end;
	}
}
