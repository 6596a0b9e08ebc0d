/* Equal outputs are one, wherever they are kept. */
#include "lib/base/mem.h"
#include "lib/flow/gather.h"
#include "tests/unit/tap.h"

static void add(struct gather *gather, const char *id, const char *text, size_t limit)
{
	struct err err = ERR_INIT;
	struct pile pile;

	pile_init(&pile);
	buf_text(&pile.bytes, text);
	if (pile_settle(&pile, limit, &err) || gather_add(gather, id, &pile, &err))
		tap_ok(false, err.text);
	pile_finish(&pile);
}

static void check(struct gather *gather, size_t at, const char *ids, const char *text)
{
	struct err err = ERR_INIT;
	struct buf got = BUF_INIT;
	size_t count;
	struct gather_group *const *groups = gather_groups(gather, &count);
	char *joined = list_join(&groups[at]->ids, " ");

	tap_text(joined, ids, "the servers of a group");
	tap_ok(!gather_text(gather, groups[at], &got, &err), "its text can be read");
	tap_text(got.at, text, "and is what was said");
	buf_finish(&got);
	free(joined);
}

int main(void)
{
	struct gather *gather = gather_create();
	size_t count;

	gather_groups(gather, &count);
	tap_ok(count == 0, "nothing is no group");
	add(gather, "web-10", "same", 100);
	add(gather, "web-3", "other", 100);
	add(gather, "web-2", "same", 0); /* in a file */
	add(gather, "web-1", "longer, in a file", 0);
	add(gather, "web-4", "", 100);
	gather_groups(gather, &count);
	tap_ok(count == 4, "four groups");
	check(gather, 0, "web-2 web-10", "same");
	check(gather, 1, "web-1", "longer, in a file");
	check(gather, 2, "web-3", "other");
	check(gather, 3, "web-4", "");
	gather_destroy(gather);
	gather_destroy(NULL);
	return tap_done();
}
