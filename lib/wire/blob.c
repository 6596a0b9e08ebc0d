#include "lib/wire/blob.h"

#include <string.h>

struct blob blob_of(const void *bytes, size_t count)
{
	return (struct blob){bytes, count, false};
}

static const unsigned char *blob_take(struct blob *blob, size_t count)
{
	const unsigned char *at = blob->at;

	if (blob->bad || blob->left < count) {
		blob->bad = true;
		return NULL;
	}
	blob->at += count;
	blob->left -= count;
	return at;
}

uint32_t blob_u32(struct blob *blob)
{
	const unsigned char *at = blob_take(blob, 4);

	if (!at)
		return 0;
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

unsigned char blob_byte(struct blob *blob)
{
	const unsigned char *at = blob_take(blob, 1);

	return at ? *at : 0;
}

struct blob blob_string(struct blob *blob)
{
	uint32_t count = blob_u32(blob);
	const unsigned char *at = blob_take(blob, count);

	if (!at)
		return (struct blob){NULL, 0, true};
	return blob_of(at, count);
}

bool blob_equals(const struct blob *blob, const char *text)
{
	size_t count = strlen(text);

	return blob->at && blob->left == count && !memcmp(blob->at, text, count);
}

void blob_put_u32(struct buf *buf, uint32_t value)
{
	unsigned char bytes[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
				  (unsigned char)(value >> 8), (unsigned char)value};

	buf_add(buf, bytes, sizeof(bytes));
}

void blob_put_string(struct buf *buf, const void *bytes, size_t count)
{
	blob_put_u32(buf, (uint32_t)count);
	buf_add(buf, bytes, count);
}

void blob_put_mpint(struct buf *buf, const unsigned char *bytes, size_t count)
{
	bool sign;

	while (count > 0 && *bytes == 0) {
		bytes++;
		count--;
	}
	sign = count > 0 && (*bytes & 0x80);
	blob_put_u32(buf, (uint32_t)(count + sign));
	if (sign)
		buf_char(buf, '\0');
	buf_add(buf, bytes, count);
}
