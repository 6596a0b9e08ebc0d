/* Bytes in the four forms, a piece at a time. */
#include "cmd/exec/shape.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/base/utf8.h"

/* The first bytes of a piece that are whole characters, so that none is cut between two pieces. */
static size_t whole(const char *bytes, size_t count, bool last)
{
	size_t back;

	if (last || count < 4)
		return count;
	for (back = 1; back <= 3; back++) {
		unsigned char c = (unsigned char)bytes[count - back];

		if (c < 0x80)
			return count;
		if (c >= 0xc0)
			return count - back;
	}
	return count;
}

static size_t shape_terminal(struct buf *to, const char *bytes, size_t count, bool last)
{
	size_t use = whole(bytes, count, last);

	quote_terminal(to, bytes, use, true);
	return use;
}

static size_t shape_field(struct buf *to, const char *bytes, size_t count, bool last)
{
	(void)last;
	quote_field(to, bytes, count);
	return count;
}

int shape_dump(const char *bytes, size_t count, void *to)
{
	buf_add(to, bytes, count);
	return 0;
}

/* A JSON string with its quotes; false when the bytes are not UTF-8. */
bool shape_json_text(struct buf *to, const char *bytes, size_t count)
{
	json_t *text = json_stringn(bytes, count);

	if (!text)
		return false;
	json_dump_callback(text, shape_dump, to, JSON_ENCODE_ANY);
	json_decref(text);
	return true;
}

size_t shape_json(struct buf *to, const char *bytes, size_t count, bool last)
{
	size_t use = whole(bytes, count, last);
	struct buf text = BUF_INIT;

	if (shape_json_text(&text, bytes, use))
		buf_add(to, text.at + 1, text.len - 2);
	buf_finish(&text);
	return use;
}

size_t shape_base64(struct buf *to, const char *bytes, size_t count, bool last)
{
	size_t use = last || count < 3 ? count : count - count % 3;
	size_t room = sodium_base64_encoded_len(use, sodium_base64_VARIANT_ORIGINAL);

	buf_reserve(to, room);
	sodium_bin2base64(to->at + to->len, room, (const unsigned char *)bytes, use,
			  sodium_base64_VARIANT_ORIGINAL);
	to->len += room - 1;
	return use;
}

bool text_is_utf8(const char *bytes, size_t count)
{
	uint32_t point;

	for (size_t at = 0; at < count;) {
		size_t size =
		    (unsigned char)bytes[at] < 0x80 ? 1 : utf8_read(bytes + at, count - at, &point);

		if (size == 0)
			return false;
		at += size;
	}
	return true;
}

/* Whether all of a spooled line is UTF-8, looked at in pieces. */
bool spool_is_utf8(int fd, size_t from, size_t count)
{
	enum { PIECE = 65536 };
	char *piece = mem_alloc(PIECE);
	size_t at = from;
	bool good = true;

	while (good && at < count) {
		ssize_t got = pread(fd, piece, PIECE, (off_t)at);
		size_t use = got > 0 ? whole(piece, (size_t)got, at + (size_t)got >= count) : 0;

		good = use > 0 && text_is_utf8(piece, use);
		at += use;
	}
	free(piece);
	return good;
}

sink_shape_fn *shape_for(enum form form)
{
	static sink_shape_fn *const shapes[] = {
	    [FORM_TERMINAL] = shape_terminal, [FORM_PIPE] = NULL, [FORM_TSV] = shape_field};

	return shapes[form];
}
