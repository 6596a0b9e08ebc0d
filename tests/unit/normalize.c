/* What is masked, and what only looks like it. */
#include "lib/base/mem.h"
#include "lib/flow/normalize.h"
#include "tests/unit/tap.h"

static void mask(const char *text, const char *want)
{
	static const char *const names[] = {"web-01", "web-01.example.org", "db"};
	struct buf out = BUF_INIT;

	normalize(&out, text, strlen(text), names, 3);
	tap_text(out.at, want, text);
	buf_finish(&out);
}

int main(void)
{
	mask("", "");
	mask("nothing to see", "nothing to see");
	mask("web-01 is up", "<name> is up");
	mask("on web-01.example.org:22", "on <name>:22");
	mask("web-012 and xweb-01", "web-012 and xweb-01");
	mask("dbx db", "dbx <name>");
	mask("127.1.0.5", "<address>");
	mask("from 10.0.0.1:22 to 10.0.0.2.", "from <address>:22 to <address>.");
	mask("1.2.3", "1.2.3");
	mask("version 1.2.3.4.5", "version 1.2.3.4.5");
	mask("256.1.1.1", "256.1.1.1");
	mask("inet6 fe80::1/64", "inet6 <address>/64");
	mask("::1", "<address>");
	mask("ether 52:54:00:ab:cd:ef x", "ether <address> x");
	mask("at 12:34", "at <time>");
	mask("12:34:56.789 12:34:56,1 1:02:03", "<time> <time> <time>");
	mask("2026-11-26T12:34:56Z", "<date>T<time>Z");
	mask("2026-11-26 12:34", "<date> <time>");
	mask("12345-11-26", "12345-11-26");
	mask("a::b::c", "a::b::c");
	mask("dead:beef", "dead:beef");
	mask("\xff\x80 12:34\n", "\xff\x80 <time>\n");
	return tap_done();
}
