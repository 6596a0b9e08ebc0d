/* The head of a command's output: however it is cut, the announcement is found or not, all but its
 * line comes through, and the group is one that may be killed. The first byte says how it is cut.
 */
#include "lib/wire/remote.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { NOISE = 60000 }; /* after more of it the line is given up, wherever the cut is */

static const struct remote remote = {.nonce = "00112233445566778899aabbccddeeff"};

static long pass(const char *bytes, size_t count, size_t piece, struct buf *out)
{
	struct announcement announcement;
	long group;

	announcement_init(&announcement);
	for (size_t at = 0; at < count; at += piece) {
		size_t size = count - at < piece ? count - at : piece;

		if (announcement.found) {
			buf_add(out, bytes + at, size);
		} else if (announcement_feed(&announcement, &remote, bytes + at, size)) {
			buf_add(out, announcement.held.at, announcement.held.len);
			buf_clear(&announcement.held);
		}
	}
	buf_add(out, announcement.held.at, announcement.held.len);
	group = announcement.group;
	must(!group || (group > 1 && announcement.found));
	announcement_finish(&announcement);
	return group;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct buf whole = BUF_INIT, pieces = BUF_INIT;
	const char *stream = (const char *)bytes + 1;
	size_t head = 0;

	if (!count-- || count > NOISE)
		return 0;
	must(pass(stream, count, count + 1, &whole) == pass(stream, count, 1 + bytes[0], &pieces));
	must(whole.len == pieces.len && !memcmp(whole.at, pieces.at, whole.len));
	must(whole.len <= count);
	/* What came is what was sent, but for one stretch in it. */
	while (head < whole.len && whole.at[head] == stream[head])
		head++;
	must(!memcmp(whole.at + head, stream + count - (whole.len - head), whole.len - head));
	buf_finish(&whole);
	buf_finish(&pieces);
	return 0;
}
