#include "lib/base/quote.h"

static bool needs_escape(char c)
{
	return (unsigned char)c < ' ' || c == '\\' || c == 0x7f;
}

void quote_field(struct buf *buf, const char *bytes, size_t count)
{
	size_t size;

	while (count) {
		for (size = 0; size < count && !needs_escape(bytes[size]);)
			size++;
		buf_add(buf, bytes, size);
		bytes += size;
		count -= size;
		if (!count)
			return;
		if (*bytes == '\t')
			buf_text(buf, "\\t");
		else if (*bytes == '\n')
			buf_text(buf, "\\n");
		else if (*bytes == '\r')
			buf_text(buf, "\\r");
		else if (*bytes == '\\')
			buf_text(buf, "\\\\");
		else
			buf_format(buf, "\\x%02x", (unsigned char)*bytes);
		bytes++;
		count--;
	}
}

static int digit_of(char c, int base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		value = c - 'A' + 10;
	return value < base ? value : -1;
}

/* Appends the byte whose digits begin the text, `most` of them at most. Returns their count. */
static size_t unquote_digits(struct buf *buf, const char *bytes, size_t count, int base,
			     size_t most)
{
	unsigned value = 0;
	size_t used = 0;

	while (used < count && used < most && digit_of(bytes[used], base) >= 0)
		value = value * (unsigned)base + (unsigned)digit_of(bytes[used++], base);
	if (used)
		buf_char(buf, (char)(unsigned char)value);
	return used;
}

/* Reads what follows a backslash (count > 0). Returns how many bytes that was. */
static size_t unquote_escape(struct buf *buf, const char *bytes, size_t count)
{
	static const char letters[] = "btnvfr";
	static const char meanings[] = "\b\t\n\v\f\r";
	const char *known;
	size_t used = 0;

	if (*bytes == 'x')
		used = unquote_digits(buf, bytes + 1, count - 1, 16, 2);
	if (used)
		return used + 1;
	used = unquote_digits(buf, bytes, count, 8, 3);
	if (used)
		return used;
	known = *bytes ? strchr(letters, *bytes) : NULL;
	buf_char(buf, known ? meanings[known - letters] : *bytes);
	return 1;
}

void unquote_field(struct buf *buf, const char *bytes, size_t count)
{
	const char *end = bytes + count;
	const char *backslash;

	while (bytes < end) {
		backslash = memchr(bytes, '\\', (size_t)(end - bytes));
		/* One at the very end stands for itself. */
		if (!backslash || backslash + 1 == end) {
			buf_add(buf, bytes, (size_t)(end - bytes));
			return;
		}
		buf_add(buf, bytes, (size_t)(backslash - bytes));
		bytes = backslash + 1;
		bytes += unquote_escape(buf, bytes, (size_t)(end - bytes));
	}
}
