#include "lib/flow/screen.h"
#include "tests/unit/tap.h"

#include <curses.h>
#include <string.h>

static void test_moved(void)
{
	tap_ok(screen_moved(5, 2, 10) == 7, "down");
	tap_ok(screen_moved(5, 100, 10) == 9, "not past the last");
	tap_ok(screen_moved(5, -2, 10) == 3, "up");
	tap_ok(screen_moved(5, -100, 10) == 0, "not before the first");
	tap_ok(screen_moved(5, 1, 0) == 0, "on an empty list there is one place");
}

static void test_top(void)
{
	tap_ok(screen_top(0, 9, 5, 20) == 5, "follows the cursor down");
	tap_ok(screen_top(9, 3, 5, 20) == 3, "and up");
	tap_ok(screen_top(4, 6, 5, 20) == 4, "stays while the cursor is to be seen");
	tap_ok(screen_top(18, 18, 5, 20) == 15, "leaves no empty lines below");
	tap_ok(screen_top(3, 3, 5, 2) == 0, "shows all that fits");
}

static void test_type(void)
{
	struct buf filter = BUF_INIT;

	tap_ok(screen_type(&filter, 'a') && screen_type(&filter, 0xc3) &&
		   screen_type(&filter, 0xa4),
	       "text is taken, byte by byte");
	tap_text(filter.at, "a\xc3\xa4", "as typed");
	tap_ok(screen_type(&filter, KEY_BACKSPACE), "a backspace is no end");
	tap_text(filter.at, "a", "a whole character goes");
	screen_type(&filter, 127);
	tap_ok(screen_type(&filter, '\b') && filter.len == 0, "nor is one on nothing");
	for (int i = 0; i < 200; i++)
		screen_type(&filter, 'x');
	tap_ok(filter.len == 100, "it has an end");
	tap_ok(!screen_type(&filter, '\r') && filter.len == 100, "Enter keeps it");
	tap_ok(!screen_type(&filter, 27) && filter.len == 0, "Escape drops it");
	buf_finish(&filter);
}

static void matches(const char *words, const char *text, bool wanted)
{
	struct buf filter = BUF_INIT;

	buf_text(&filter, words);
	tap_ok(screen_matches(&filter, text) == wanted, words);
	buf_finish(&filter);
}

static void test_matches(void)
{
	matches("", "anything", true);
	matches("WEB-0", "web-01 shop", true);
	matches("sho web", "Web-01 Shop", true);
	matches("web db", "web-01 shop", false);
	matches("  web  ", "web-01", true);
}

int main(void)
{
	test_moved();
	test_top();
	test_type();
	test_matches();
	return tap_done();
}
