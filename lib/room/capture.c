#include "lib/room/capture.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "lib/base/mem.h"

/* A line longer than this is redacted in pieces. */
#define LINE_MOST ((size_t)65536)
/* Compression begins when so much is there. */
#define PIECE ((size_t)16384)
/* A window of 16 KiB and few tables: 64 servers at once need some 5 MB. */
#define WINDOW 14
#define MEMORY 6

struct capture {
	const struct redact *redact;
	size_t limit;
	crypto_hash_sha256_state hash;
	struct buf line; /* not yet ended */
	struct buf clean;
	struct buf piece; /* not yet compressed */
	struct buf data;
	int64_t size, kept;
	z_stream zip;
	bool zipping;
};

struct capture *capture_create(const struct redact *redact, size_t limit)
{
	struct capture *capture = mem_zero(1, sizeof(*capture));

	capture->redact = redact;
	capture->limit = limit;
	crypto_hash_sha256_init(&capture->hash);
	buf_init(&capture->line);
	buf_init(&capture->clean);
	buf_init(&capture->piece);
	buf_init(&capture->data);
	return capture;
}

void capture_destroy(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->zipping)
		deflateEnd(&capture->zip);
	buf_finish(&capture->line);
	buf_finish(&capture->clean);
	buf_finish(&capture->piece);
	buf_finish(&capture->data);
	free(capture);
}

/* Compresses what is gathered. */
static void zip_piece(struct capture *capture, int flush)
{
	z_stream *zip = &capture->zip;

	if (!capture->zipping) {
		if (deflateInit2(zip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW, MEMORY,
				 Z_DEFAULT_STRATEGY) != Z_OK)
			abort(); /* memory, which does not run out, or a mistake here */
		capture->zipping = true;
	}
	zip->next_in = (Bytef *)capture->piece.at;
	zip->avail_in = (uInt)capture->piece.len;
	do {
		buf_reserve(&capture->data, 4096);
		zip->next_out = (Bytef *)capture->data.at + capture->data.len;
		zip->avail_out = 4096;
		deflate(zip, flush);
		capture->data.len += 4096 - zip->avail_out;
	} while (!zip->avail_out);
	buf_clear(&capture->piece);
}

static void keep(struct capture *capture, const char *bytes, size_t count)
{
	size_t room = capture->limit - (size_t)capture->kept;

	if (count > room)
		count = room;
	capture->kept += (int64_t)count;
	buf_add(&capture->piece, bytes, count);
	if (capture->piece.len >= PIECE)
		zip_piece(capture, Z_NO_FLUSH);
}

/* The line, with its newline if it has one, is whole. */
static void take_line(struct capture *capture)
{
	struct buf *clean = &capture->clean;
	size_t count = capture->line.len;
	bool newline = count && capture->line.at[count - 1] == '\n';

	buf_clear(clean);
	redact_add(capture->redact, clean, capture->line.at, count - newline);
	if (newline)
		buf_char(clean, '\n');
	crypto_hash_sha256_update(&capture->hash, (const unsigned char *)clean->at, clean->len);
	capture->size += (int64_t)clean->len;
	keep(capture, clean->at, clean->len);
	buf_clear(&capture->line);
}

void capture_add(struct capture *capture, const char *bytes, size_t count)
{
	while (count) {
		const char *newline = memchr(bytes, '\n', count);
		size_t size = newline ? (size_t)(newline - bytes) + 1 : count;
		size_t room = LINE_MOST - capture->line.len;

		if (size > room)
			size = room;
		buf_add(&capture->line, bytes, size);
		bytes += size;
		count -= size;
		if (capture->line.at[capture->line.len - 1] == '\n' ||
		    capture->line.len == LINE_MOST)
			take_line(capture);
	}
}

void capture_end(struct capture *capture, struct captured *captured)
{
	if (capture->line.len)
		take_line(capture);
	if (capture->limit)
		zip_piece(capture, Z_FINISH);
	crypto_hash_sha256_final(&capture->hash, captured->hash);
	captured->size = capture->size;
	captured->kept = capture->kept;
	captured->data = &capture->data;
}

int capture_open(const void *data, size_t size, int64_t kept, struct buf *to, struct err *err)
{
	uLongf length = (uLongf)kept;

	buf_reserve(to, (size_t)kept);
	if (uncompress((Bytef *)to->at + to->len, &length, data, size) != Z_OK ||
	    length != (uLongf)kept)
		return err_set(err, STATUS_CONSOLE, "stored output is damaged");
	to->len += (size_t)kept;
	to->at[to->len] = '\0';
	return 0;
}
