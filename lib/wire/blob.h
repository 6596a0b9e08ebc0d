/*
 * The SSH wire encoding (RFC 4251, section 5) as far as keys, signatures and the agent protocol need
 * it: uint32 and string, read with bounds checked and written to a buf.
 */
#ifndef MROOM_WIRE_BLOB_H
#define MROOM_WIRE_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

/* Reading moves `at` on; once something did not fit, `bad` stays set and every read gives nothing. */
struct blob {
	const unsigned char *at;
	size_t left;
	bool bad;
};

struct blob blob_of(const void *bytes, size_t count);
uint32_t blob_u32(struct blob *blob);
unsigned char blob_byte(struct blob *blob);
/* A string inside the blob, as a blob of its own (shares memory). */
struct blob blob_string(struct blob *blob);
bool blob_equals(const struct blob *blob, const char *text);

void blob_put_u32(struct buf *buf, uint32_t value);
void blob_put_string(struct buf *buf, const void *bytes, size_t count);
/* A non-negative integer of `count` big-endian bytes as an mpint. */
void blob_put_mpint(struct buf *buf, const unsigned char *bytes, size_t count);

#endif
