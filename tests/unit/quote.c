#include "lib/base/quote.h"
#include "tests/unit/tap.h"

static void word(const char *text, const char *want)
{
	struct buf got = BUF_INIT;

	quote_word(&got, text);
	tap_text(got.at, want, want);
	buf_finish(&got);
}

static void test_word(void)
{
	word("web-01.example.com:22", "web-01.example.com:22");
	word("user@host", "user@host");
	word("A=b", "A=b");
	word("", "''");
	word("=ls", "'=ls'");
	word("@", "'@'");
	word("two words", "'two words'");
	word("it's", "'it'\\''s'");
	word("'", "\\'");
	word("\\", "\\\\");
	word("!!", "\\!\\!");
	word("a\\", "'a'\\\\");
	word("$HOME `id`", "'$HOME `id`'");
	word("~", "'~'");
	word("%1", "'%1'");
	word("a\xff", "'a\xff'");
}

static void command(const char *script, const char *const *argv, const char *want)
{
	struct buf got = BUF_INIT;

	quote_command(&got, script, argv);
	tap_text(got.at, want, want);
	buf_finish(&got);
}

static void test_command(void)
{
	static const char *const plain[] = {"a", "", "b c", NULL};
	static const char *const lines[] = {"it's\n", NULL};

	command("uptime", NULL, "exec sh -c uptime mroom");
	command("echo \"$@\"", plain, "exec sh -c 'echo \"$@\"' mroom a '' 'b c'");
	command("a\nb", NULL,
		"exec sh -c 'eval \"$(IFS=; printf %b \"$*\")\"' mroom 'set --'\\\\'na'\\\\'nb'");
	command("a", lines,
		"exec sh -c 'eval \"$(IFS=; printf %b \"$*\")\"' mroom "
		"'set -- '\\''it'\\'\\\\\\\\\\'\\''s'\\\\'n'\\'\\\\'na'");
}

static void terminal(const char *bytes, size_t count, bool keep_tab, const char *want)
{
	struct buf got = BUF_INIT;

	quote_terminal(&got, bytes, count, keep_tab);
	tap_text(got.at, want, want);
	buf_finish(&got);
}

static void test_terminal(void)
{
	terminal("plain text ~", 12, false, "plain text ~");
	terminal("", 0, false, "");
	terminal("\x1b[31mred\a", 9, false, "\\e[31mred\\x07");
	terminal("a\tb\r\n", 5, false, "a\\tb\\r\\n");
	terminal("a\tb", 3, true, "a\tb");
	terminal("nul\0nul", 7, false, "nul\\x00nul");
	terminal("\x7f", 1, false, "\\x7f");
	terminal("\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", 14, false,
		 "\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
	terminal("\xc2\x9b"
		 "31m",
		 5, false, "\\u{009B}31m");
	terminal("\xe2\x80\xae"
		 "gpj.exe",
		 10, false, "\\u{202E}gpj.exe");
	terminal("\xe2\x81\xa6 \xd8\x9c \xef\xbb\xbf", 10, false, "\\u{2066} \\u{061C} \\u{FEFF}");
	terminal("\xf3\xa0\x81\x81", 4, false, "\\u{E0041}");
	terminal("\x9b\xff\xfe", 3, false, "\\x9b\\xff\\xfe");
	terminal("cut \xe2\x82", 6, false, "cut \\xe2\\x82");
	terminal("\xc0\xaf", 2, false, "\\xc0\\xaf");
	terminal("\xe0\x80\xaf", 3, false, "\\xe0\\x80\\xaf");
	terminal("\xed\xa0\x80", 3, false, "\\xed\\xa0\\x80");
	terminal("\xf4\x90\x80\x80", 4, false, "\\xf4\\x90\\x80\\x80");
	terminal("\xe2\x28\xa1", 3, false, "\\xe2(\\xa1");
}

static void field(const char *bytes, size_t count, const char *want)
{
	struct buf got = BUF_INIT;
	struct buf back = BUF_INIT;

	quote_field(&got, bytes, count);
	tap_text(got.at, want, want);
	unquote_field(&back, got.at, got.len);
	tap_bytes(back.at, back.len, bytes, count, "and it reads back");
	buf_finish(&got);
	buf_finish(&back);
}

static void unquoted(const char *text, const char *want, size_t count)
{
	struct buf got = BUF_INIT;

	unquote_field(&got, text, strlen(text));
	tap_bytes(got.at, got.len, want, count, text);
	buf_finish(&got);
}

static void test_field(void)
{
	char all[256];
	struct buf got = BUF_INIT;
	struct buf back = BUF_INIT;

	field("plain", 5, "plain");
	field("", 0, "");
	field("a\tb\nc\rd\\e", 9, "a\\tb\\nc\\rd\\\\e");
	field("\0\x01\x1b\x7f\x80\xff", 6, "\\x00\\x01\\x1b\\x7f\x80\xff");
	field("\x01"
	      "1",
	      2, "\\x011");
	field("\\x41", 4, "\\\\x41");
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	quote_field(&got, all, sizeof(all));
	unquote_field(&back, got.at, got.len);
	tap_bytes(back.at, back.len, all, sizeof(all), "every byte reads back");
	tap_ok(!strpbrk(got.at, "\t\n\r") && strlen(got.at) == got.len,
	       "and none of them breaks a record");
	buf_finish(&got);
	buf_finish(&back);
	unquoted("\\b\\f\\v\\t\\n\\r", "\b\f\v\t\n\r", 6);
	unquoted("\\x41\\x4\\x4g\\X", "A\x04\x04gX", 5);
	unquoted("\\101\\0\\1234", "A\0S4", 4);
	unquoted("\\x", "x", 1);
	unquoted("\\q\\,", "q,", 2);
	unquoted("end\\", "end\\", 4);
	unquoted("\\", "\\", 1);
}

int main(void)
{
	test_word();
	test_command();
	test_terminal();
	test_field();
	return tap_done();
}
