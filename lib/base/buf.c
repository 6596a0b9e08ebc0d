#include "lib/base/buf.h"

#include <stdint.h>

#include "lib/base/mem.h"

char buf_nothing[1];

void buf_init(struct buf *buf)
{
	buf->at = buf_nothing;
	buf->len = 0;
	buf->cap = 0;
}

void buf_finish(struct buf *buf)
{
	if (buf->cap)
		free(buf->at);
	buf_init(buf);
}

void buf_wipe(struct buf *buf)
{
	mem_wipe(buf->at, buf->cap);
	buf_finish(buf);
}

void buf_reserve(struct buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : 32;

	if (buf->cap - buf->len >= more)
		return;
	while (cap - buf->len < more)
		cap = cap > SIZE_MAX / 4 ? SIZE_MAX - 1 : cap * 2;
	buf->at = mem_resize(buf->cap ? buf->at : NULL, cap + 1, 1);
	buf->cap = cap;
	buf->at[buf->len] = '\0';
}

void buf_clear(struct buf *buf)
{
	buf_cut(buf, 0);
}

void buf_cut(struct buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->at[len] = '\0';
}

void buf_drop(struct buf *buf, size_t count)
{
	if (!count)
		return;
	if (count > buf->len)
		count = buf->len;
	memmove(buf->at, buf->at + count, buf->len - count);
	buf_cut(buf, buf->len - count);
}

void buf_add(struct buf *buf, const void *bytes, size_t count)
{
	if (!count)
		return;
	buf_reserve(buf, count);
	memcpy(buf->at + buf->len, bytes, count);
	buf->len += count;
	buf->at[buf->len] = '\0';
}

void buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_format(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vformat(buf, format, args);
	va_end(args);
}

void buf_vformat(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	size_t room;
	int size;

	va_copy(again, args);
	size = vsnprintf(NULL, 0, format, args);
	if (size > 0) {
		room = (size_t)size;
		buf_reserve(buf, room);
		vsnprintf(buf->at + buf->len, room + 1, format, again);
		buf->len += room;
	}
	va_end(again);
}

char *buf_detach(struct buf *buf)
{
	char *at = buf->cap ? buf->at : mem_text("");

	buf_init(buf);
	return at;
}

bool buf_equals(const struct buf *buf, const char *text)
{
	return strlen(text) == buf->len && !memcmp(buf->at, text, buf->len);
}
