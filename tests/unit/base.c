/* err, mem and buf. */
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/mem.h"
#include "tests/unit/tap.h"

#include <errno.h>

static void test_err(void)
{
	struct err err = ERR_INIT;
	char longest[3000];

	tap_int(err_set(&err, STATUS_USAGE, "no %s %d", "server", 7), -1, "err_set returns -1");
	tap_text(err.text, "no server 7", "err_set formats the text");
	tap_int(err.status, STATUS_USAGE, "err_set keeps the status");
	tap_int(err_prefix(&err, "%s:%d", "list.txt", 3), -1, "err_prefix returns -1");
	tap_text(err.text, "list.txt:3: no server 7", "err_prefix puts context in front");
	tap_int(err.status, STATUS_USAGE, "err_prefix leaves the status");
	err_sys(&err, STATUS_CONSOLE, ENOENT, "/x%%y");
	tap_text(err.text, "/x%y: No such file or directory", "err_sys adds the system's words");
	tap_int(err.status, STATUS_CONSOLE, "err_sys sets the status");
	tap_int(err_set(NULL, STATUS_USAGE, "x"), -1, "err_set takes NULL");
	tap_int(err_sys(NULL, STATUS_USAGE, ENOENT, "x"), -1, "err_sys takes NULL");
	tap_int(err_prefix(NULL, "x"), -1, "err_prefix takes NULL");

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	err_set(&err, STATUS_USAGE, "%s", longest);
	tap_int((long long)strlen(err.text), 1023, "a text that is too long is cut");
	tap_text(err.text + 1019, "a...", "and shows that it is");
	err_prefix(&err, "web1");
	tap_ok(!strncmp(err.text, "web1: aaa", 9) && !strcmp(err.text + 1019, "a..."),
	       "context in front of a long text pushes its end out");
}

static void test_status(void)
{
	static const enum status order[] = {STATUS_INTERRUPTED, STATUS_CONSOLE, STATUS_POLICY,
					    STATUS_UNREACHABLE, STATUS_TIMEOUT, STATUS_FAILED,
					    STATUS_USAGE,	STATUS_OK};
	bool right = true;

	for (size_t i = 0; i < 8; i++)
		for (size_t j = i; j < 8; j++)
			right = right && status_worst(order[i], order[j]) == order[i] &&
				status_worst(order[j], order[i]) == order[i];
	tap_ok(right, "the worse of two statuses is the first of 130 6 5 4 3 1 2 0");
}

static void test_mem(void)
{
	char *text = mem_format("%s-%03d", "web", 7);
	char *copy = mem_copy("ab\0cd", 5);
	char *zero = mem_zero(3, 5);
	char secret[8] = "hunter2";

	tap_text(text, "web-007", "mem_format formats");
	tap_bytes(copy, 5, "ab\0cd", 5, "mem_copy copies bytes");
	tap_bytes(zero, 15, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15, "mem_zero zeroes");
	tap_ok(mem_text(NULL) == NULL, "mem_text of NULL is NULL");
	zero = mem_resize(zero, 0, 5);
	tap_ok(zero != NULL, "mem_resize to nothing still gives memory to free");
	mem_wipe(secret, sizeof(secret));
	tap_bytes(secret, 8, "\0\0\0\0\0\0\0\0", 8, "mem_wipe overwrites");
	mem_wipe_free(NULL);
	mem_wipe_free(text);
	free(copy);
	free(zero);
	text = mem_text_n("web-17", 3);
	tap_text(text, "web", "mem_text_n takes size bytes");
	free(text);
}

static void test_buf(void)
{
	struct buf buf = BUF_INIT;
	char *taken;

	tap_ok(buf.at && !*buf.at && !buf.cap, "an empty buf is an empty string without memory");
	buf_add(&buf, "", 0);
	buf_clear(&buf);
	buf_drop(&buf, 5);
	buf_cut(&buf, 0);
	tap_ok(!buf.cap, "nothing added, nothing allocated");
	tap_text(taken = buf_detach(&buf), "", "an empty buf detaches as an empty string");
	free(taken);
	buf_text(&buf, "web");
	buf_char(&buf, '-');
	buf_format(&buf, "%02d", 7);
	tap_ok(buf_equals(&buf, "web-07") && buf.len == 6, "text, char and format append");
	tap_ok(!buf_equals(&buf, "web-0") && !buf_equals(&buf, "web-08"), "buf_equals is exact");
	buf_drop(&buf, 4);
	tap_text(buf.at, "07", "buf_drop removes from the front");
	buf_drop(&buf, 100);
	tap_int((long long)buf.len, 0, "buf_drop of more than there is empties");
	buf_add(&buf, "a\0b", 3);
	tap_bytes(buf.at, buf.len + 1, "a\0b\0", 4, "bytes may be NUL, and one NUL follows");
	buf_cut(&buf, 1);
	buf_cut(&buf, 9);
	tap_bytes(buf.at, buf.len + 1, "a\0", 2, "buf_cut shortens and never lengthens");
	for (int i = 0; i < 100000; i++)
		buf_char(&buf, 'x');
	tap_ok(buf.len == 100001 && buf.at[100000] == 'x' && !buf.at[100001] && buf.cap < 400000,
	       "growth doubles");
	taken = buf_detach(&buf);
	tap_ok(strlen(taken) == 100001 && !buf.len && !buf.cap, "buf_detach hands all over");
	free(taken);
	buf_text(&buf, "secret");
	buf_wipe(&buf);
	tap_ok(!buf.len && !buf.cap && !*buf.at, "a wiped buf is empty and usable");
	buf_text(&buf, "again");
	tap_text(buf.at, "again", "and takes text again");
	buf_finish(&buf);
}

int main(void)
{
	test_err();
	test_status();
	test_mem();
	test_buf();
	return tap_done();
}
