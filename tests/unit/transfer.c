/* The parts of copies that need no server: the window, the stream as tar reads it, answers that
 * make no sense. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/transfer_plan.h"
#include "lib/wire/transfer_stream.h"
#include "lib/wire/transfer_window.h"
#include "tests/unit/tap.h"

static char *scratch;

/* A file of `size` bytes that are all `fill`. */
static void make_file(const char *name, char fill, size_t size)
{
	char *path = mem_format("%s/%s", scratch, name), *bytes = mem_alloc(size + 1);
	struct err err = ERR_INIT;

	memset(bytes, fill, size);
	if (io_replace_file(path, bytes, size, 0644, &err))
		abort();
	free(bytes);
	free(path);
}

static void test_window(void)
{
	struct tree tree = TREE_INIT;
	struct err err = ERR_INIT;
	struct window *window;
	char piece[1000];
	int64_t size = 3 * (int64_t)WINDOW_BLOCK + 17, at;

	make_file("big", 'b', (size_t)size);
	tap_ok(!tree_add(&tree, scratch, "", true, true, &err) && tree.count == 1,
	       "a tree of one file");
	window = window_create(&tree, 2 * WINDOW_BLOCK);
	for (at = 0; at < size;) {
		for (int reader = 0; reader < 5; reader++) {
			long got = window_read(window, 0, at, piece, sizeof(piece), &err);

			if (got <= 0 || piece[got - 1] != 'b')
				abort();
			if (reader == 4)
				at += got;
		}
	}
	tap_ok(window_bytes_read(window) == size, "five readers side by side read the file once");
	window_read(window, 0, 0, piece, 1, &err);
	tap_ok(window_bytes_read(window) == size + (int64_t)WINDOW_BLOCK,
	       "a laggard behind the window reads its block again");
	window_destroy(window);
	make_file("big", 'c', 10);
	window = window_create(&tree, WINDOW_SIZE);
	tap_ok(window_read(window, 0, 0, piece, 1, &err) < 0 && strstr(err.text, "changed"),
	       "a file that changed is told, not sent");
	window_destroy(window);
	tree_finish(&tree);
}

/* Reads an answer about the scratch tree; true when it makes sense. */
static bool answer(const struct tree *tree, struct plan *plan, const char *text, size_t size)
{
	static const char *const tops[2] = {"top", ""};
	struct buf buf = BUF_INIT;
	struct err err = ERR_INIT;
	int rc;

	buf_add(&buf, text, size);
	rc = plan_read(plan, tree, tops, &buf, &err);
	buf_finish(&buf);
	return rc == 0;
}

#define HEAD "kind into\nuser 5 6\ntar gnu\nlist\n"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ANSWER(text) answer(&tree, &plan, text, sizeof(text) - 1)

static void test_plan(void)
{
	struct tree tree = TREE_INIT;
	struct err err = ERR_INIT;
	struct plan plan;

	make_file("odd\nname", 'x', 3);
	tree_add(&tree, scratch, "", true, true, &err);
	tap_ok(ANSWER(HEAD) && plan.into && plan.uid == 5 && plan.gid == 6 && plan.gnu_tar,
	       "the head of an answer");
	plan_finish(&plan);
	tap_ok(ANSWER(HEAD "S81a4 1 2 3 4 ./odd\nname\n\\" ZEROS "  ./odd\\nname\n") &&
		   plan.at[1].there && plan.at[1].size == 3 && plan.at[1].hashed,
	       "a name with a newline in it, raw and escaped");
	plan_finish(&plan);
	tap_ok(ANSWER(HEAD ZEROS "  ./odd\nname\n") && plan.at[1].hashed,
	       "the same from a sum that does not escape");
	plan_finish(&plan);
	tap_ok(ANSWER(HEAD ZEROS "  -\n") && !plan.at[1].hashed, "the sum of nothing is no harm");
	plan_finish(&plan);
	tap_ok(ANSWER(HEAD "EXTRA\n.\0./big\0./a\0./a/b\0./ab\0./.mroom-copy.1\0") &&
		   plan.extra.count == 2 && !strcmp(plan.extra.at[0], "./a") &&
		   !strcmp(plan.extra.at[1], "./ab"),
	       "what is extra, topmost only, and no other copy's business");
	plan_finish(&plan);
	tap_ok(ANSWER(HEAD "EXTRA\n/etc\0../x\0") && plan.extra.count == 0,
	       "no name outside the target is ever extra");
	plan_finish(&plan);
	tap_ok(!ANSWER("kind into\n"), "an answer cut short");
	plan_finish(&plan);
	tap_ok(!ANSWER(HEAD "S81a4 1 2 3 4 ./other\n"), "a name that was not asked about");
	plan_finish(&plan);
	tap_ok(!ANSWER(HEAD "L./odd\nname\0"), "a link without its end");
	plan_finish(&plan);
	tap_ok(!ANSWER(HEAD "hello\n"), "something else");
	plan_finish(&plan);
	tree_finish(&tree);
}

int main(void)
{
	scratch = mem_text("/tmp/mroom-unit.XXXXXX");
	if (!mkdtemp(scratch))
		return 1;
	test_window();
	test_plan();
	for (const char *const *name = (const char *const[]){"big", "odd\nname", NULL}; *name;
	     name++) {
		char *path = mem_format("%s/%s", scratch, *name);

		unlink(path);
		free(path);
	}
	rmdir(scratch);
	free(scratch);
	return tap_done();
}
