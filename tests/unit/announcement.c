/* The first line of a wrapped command: found in any cut, taken out, never trusted further than it goes. */
#include "lib/base/mem.h"
#include "lib/wire/remote.h"
#include "tests/unit/tap.h"

static const struct remote remote = {.nonce = "00112233445566778899aabbccddeeff"};

/* Feeds the text in pieces; what comes out, and the group, as "text|group". */
static void pass(const char *text, size_t piece, const char *want, const char *name)
{
	struct announcement announcement;
	struct buf out = BUF_INIT;
	size_t size = strlen(text);

	announcement_init(&announcement);
	for (size_t at = 0; at < size; at += piece) {
		size_t count = size - at < piece ? size - at : piece;

		if (announcement.found) {
			buf_add(&out, text + at, count);
		} else if (announcement_feed(&announcement, &remote, text + at, count)) {
			buf_add(&out, announcement.held.at, announcement.held.len);
			buf_clear(&announcement.held);
		}
	}
	buf_add(&out, announcement.held.at, announcement.held.len);
	buf_format(&out, "|%ld", announcement.group);
	tap_text(out.at, want, name);
	announcement_finish(&announcement);
	buf_finish(&out);
}

#define NONCE "00112233445566778899aabbccddeeff"

int main(void)
{
	for (size_t piece = 1; piece < 80; piece += 13) {
		pass(NONCE " 1234\nhello\n", piece, "hello\n|1234", "the line is taken out");
		pass("motd\nmore" NONCE " 1234\nhello\n", piece, "motd\nmorehello\n|1234",
		     "what a login script says before it stays");
		pass("0011" NONCE " 77\n", piece, "0011|77", "a false start does not hide it");
		pass("no line at all\n", piece, "no line at all\n|0", "without it everything is output");
		pass(NONCE " 12", piece, NONCE " 12|0", "half of it is output");
	}
	pass(NONCE " 1\nx", 100, "x|0", "group 1 is nobody's to kill");
	pass(NONCE " -5\nx", 100, "x|0", "nor is a negative one");
	pass(NONCE "\n1234\n", 100, "1234\n|0", "nor is a number that is output already");
	pass(NONCE " \nx", 100, "x|0", "nor none");
	pass(NONCE " 99999999999999999999\nx", 100, "x|9223372036854775807", "a huge one is just no process");
	return tap_done();
}
