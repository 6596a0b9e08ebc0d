/* What commands print: cut anywhere it is the same lines; however it is grouped, all of it is
 * there; and what stands for names, addresses and times is bounded. The first byte says how it is
 * cut. */
#include "lib/flow/lines.h"

#include <string.h>

#include "lib/flow/gather.h"
#include "lib/flow/normalize.h"
#include "tests/fuzz/fuzz.h"

enum { LIMIT = 200 }; /* longer lines go to a file */

static void note(void *ctx, const struct line *line)
{
	struct buf *notes = ctx;

	if (line->spool >= 0) {
		char bytes[4096];
		ssize_t got;
		size_t size = 0;

		for (; (got = pread(line->spool, bytes, sizeof(bytes), (off_t)size)) > 0;
		     size += (size_t)got)
			buf_add(notes, bytes, (size_t)got);
		must(size == line->count);
		close(line->spool);
	} else {
		buf_add(notes, line->bytes, line->count);
	}
	if (line->whole)
		buf_char(notes, '\n');
}

/* Lines put together again are what came. */
static void cut(const char *bytes, size_t count, size_t piece)
{
	struct buf notes = BUF_INIT;
	struct err err = ERR_INIT;
	struct lines lines;

	lines_init(&lines);
	for (size_t at = 0; at < count; at += piece)
		must(!lines_feed(&lines, LIMIT, bytes + at, count - at < piece ? count - at : piece,
				 note, &notes, &err));
	lines_end(&lines, note, &notes);
	lines_finish(&lines);
	must(notes.len == count && !memcmp(notes.at, bytes, count));
	buf_finish(&notes);
}

/* The two halves are what two servers said, and a third one says what the first one did. */
static void group(const char *bytes, size_t count)
{
	static const char *const ids[] = {"a", "b", "c"};
	struct gather *gather = gather_create();
	struct gather_group *const *groups;
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT;
	size_t half = count / 2, group_count;
	bool equal = half == count - half && !memcmp(bytes, bytes + half, half);

	for (size_t i = 0; i < 3; i++) {
		struct pile pile;

		pile_init(&pile);
		buf_add(&pile.bytes, i == 1 ? bytes + half : bytes, i == 1 ? count - half : half);
		must(!gather_add(gather, ids[i], &pile, &err));
		pile_finish(&pile);
	}
	groups = gather_groups(gather, &group_count);
	must(group_count == (equal ? 1 : 2) && groups[0]->ids.count == (equal ? 3 : 2));
	must(!gather_text(gather, groups[0], &text, &err));
	must(text.len == half && !memcmp(text.at, bytes, half));
	buf_finish(&text);
	gather_destroy(gather);
}

static void plain(const char *bytes, size_t count)
{
	static const char *const names[] = {"web-01", "10.0.0.1"};
	struct buf text = BUF_INIT;

	normalize(&text, bytes, count, names, 2);
	must(text.len <= count * 5); /* "::" becomes "<address>" */
	buf_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	if (!count)
		return 0;
	cut((const char *)bytes + 1, count - 1, 1 + bytes[0]);
	group((const char *)bytes + 1, count - 1);
	plain((const char *)bytes + 1, count - 1);
	return 0;
}
