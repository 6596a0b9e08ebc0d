/* Health: levels, facts, and what judges make of them. */
#include <math.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/room/checkup.h"
#include "lib/room/facts.h"
#include "lib/room/judge.h"
#include "lib/room/levels.h"
#include "lib/room/listening.h"
#include "tests/unit/tap.h"

/* --- levels --- */

static void judges(const char *text, const char *kind, double value, enum health want)
{
	struct levels levels;
	struct err err = ERR_INIT;
	char *name = mem_format("%g is %s by '%s'", value, health_word(want), text);

	tap_ok(!levels_parse(text, kind, &levels, &err) && levels_judge(&levels, value) == want,
	       name);
	free(name);
}

static void refuses(const char *text, const char *kind)
{
	struct levels levels;
	struct err err = ERR_INIT;
	char *name = mem_format("levels '%s' are refused", text);

	tap_ok(levels_parse(text, kind, &levels, &err) == -1 && err.status == STATUS_USAGE, name);
	free(name);
}

static void test_levels(void)
{
	judges("80%:90%", "%", 79.9, HEALTH_OK);
	judges("80%:90%", "%", 80, HEALTH_WARNING);
	judges("80:90", "%", 90, HEALTH_CRITICAL);
	judges("1.5:3", "", 1.6, HEALTH_WARNING);
	judges("21d:7d", "time", 22 * 86400, HEALTH_OK);
	judges("21d:7d", "time", 21 * 86400, HEALTH_WARNING);
	judges("21d:7d", "time", -1, HEALTH_CRITICAL);
	judges("300ms:1s", "time", 0.3, HEALTH_WARNING);
	judges("5", "", 1e9, HEALTH_WARNING);
	judges(":5", "", 4, HEALTH_OK);
	judges(":5", "", 5, HEALTH_CRITICAL);
	judges("off", "%", 100, HEALTH_OK);
	judges("", "%", 100, HEALTH_OK);
	judges("1:2", "", (double)NAN, HEALTH_UNKNOWN);
	refuses("80m", "%");
	refuses("80%:", "");
	refuses("-1:2", "");
	refuses("1:2:3", "");
	refuses("nan", "");
	refuses("1e9", "");
	refuses("0x10", "");
	refuses("..", "");
	refuses("10%", "time");
	tap_ok(health_worse(HEALTH_WARNING, HEALTH_UNKNOWN) == HEALTH_UNKNOWN &&
		   health_worse(HEALTH_CRITICAL, HEALTH_UNKNOWN) == HEALTH_CRITICAL,
	       "CRITICAL is graver than UNKNOWN, and that than WARNING");
}

/* --- facts --- */

static void test_facts(void)
{
	static const char answer[] =
	    "load\t1\t2\t3\ndisk\t/a\xff\x1b[m\t5\ndisk\t/b\nx\t1\t2\t3\t4\t5\t6\t7\nend\n";
	struct facts facts;
	const struct fact *fact;
	double value;

	facts_parse(&facts, answer, sizeof(answer) - 1);
	tap_int((long long)facts.count, 5, "a fact a line");
	tap_ok(facts.whole, "the probe came to its end");
	fact = facts_find(&facts, "disk", NULL);
	tap_text(fact->field[0], "/a??[m", "what is no text becomes ?");
	fact = facts_find(&facts, "disk", fact);
	tap_text(fact->field[0], "/b", "the next of the same word");
	tap_text(fact->field[1], "", "a field that is not there is empty");
	tap_ok(!facts_find(&facts, "disk", fact), "and no more");
	tap_ok(!fact_number(fact, 1, &value), "empty is no number");
	tap_ok(!fact_number(NULL, 0, &value), "nothing is no number");
	tap_ok(fact_number(facts_find(&facts, "load", NULL), 2, &value) && value == 3, "a number");
	tap_text(facts_find(&facts, "x", NULL)->field[FACT_FIELDS - 1], "6",
		 "fields past the last are dropped");
	facts_finish(&facts);
	facts_parse(&facts, "cpu\t9007199254740992\t9007199254740994\t-1e300\n", 45);
	fact = facts_find(&facts, "cpu", NULL);
	tap_ok(fact_number(fact, 0, &value), "the largest number that is counted exactly");
	tap_ok(!fact_number(fact, 1, &value), "one beyond it is none");
	tap_ok(!fact_number(fact, 2, &value), "nor is one as far below 0");
	facts_finish(&facts);
	facts_parse(&facts, "load\t1\nmem", 10);
	tap_ok(facts.count == 1 && !facts.whole, "a line that is cut off is no fact");
	facts_finish(&facts);
	facts_parse(&facts, "", 0);
	tap_ok(!facts.count && !facts.whole, "an empty answer has no facts");
	facts_finish(&facts);
}

static void test_listening(void)
{
	static const char answer[] =
	    "port\ttcp\t00000000:0016\nport\ttcp6\t00000000000000000000000001000000:0035\n"
	    "port\ttcp\t0100007F:1F90\nport\tudp\t00000000:0044\nport\ttcp\t00000000:0016\n"
	    "port\ttcp\t0:0\nport\ttcp\tzzzzzzzz:0016\nport\ttcp\t00000000:10000\nlisten\ttcp\t*."
	    "80\nlisten\ttcp\tx\nend\n";
	struct buf got = BUF_INIT;
	struct listening *at;
	struct facts facts;
	size_t count;

	facts_parse(&facts, answer, sizeof(answer) - 1);
	at = listening_read(&facts, &count);
	for (size_t i = 0; i < count; i++)
		buf_format(&got, "%s %s %ld,", at[i].protocol, at[i].address, at[i].port);
	tap_text(got.at, "tcp 0.0.0.0 22,tcp ::1 53,tcp * 80,tcp 127.0.0.1 8080,udp 0.0.0.0 68,",
		 "ports out of /proc and netstat, sorted, each once, nonsense left out");
	free(at);
	buf_finish(&got);
	facts_finish(&facts);
}

/* --- judging --- */

/* One check's status and text, for an answer of a server. */
static void finds(const char *answer, const char *name, const char *want)
{
	static const struct home home = {.dir = "/nonexistent"};
	struct err err = ERR_INIT;
	struct config *config = config_open(&home, &err);
	struct server server = {.id = "web", .tags = "a,b", .room = "lab"};
	struct checkup checkup = CHECKUP_INIT;
	struct facts facts;
	struct judge judge;
	const struct check *check;
	char *got, *title = mem_format("%s: %s", name, want ? want : "nothing");

	judge_init(&judge, config, &server);
	judge.sent_ms = 1000000000000;
	judge.got_ms = 1000000001000;
	facts_parse(&facts, answer, strlen(answer));
	judge_facts(&judge, &facts, &checkup);
	check = checkup_find(&checkup, name);
	got = check ? mem_format("%s %s", health_word(check->status), check->text) : NULL;
	tap_text(got, want, title);
	free(got);
	free(title);
	facts_finish(&facts);
	checkup_finish(&checkup);
	judge_finish(&judge);
	config_close(config);
}

static void test_judge(void)
{
	finds("memory\t1000000\t20000\ntop\t1\thog\nend\n", "memory",
	      "CRITICAL 20 MB of 977 MB available, most in hog");
	finds("memory\t8000000\t7000000\ngroup\t/\t1000000000\t1024000000\nend\n", "memory",
	      "CRITICAL 23 MB of 977 MB available");
	finds("memory\t1000000\t20000\nend\n", "require:ram", "WARNING 977 MB, 4 GB wanted");
	finds("memory\t0\t0\nend\n", "memory", NULL);
	finds("swap\t0\t0\nend\n", "swap", NULL);
	finds("load\t9\t0\t0\ncores\t2\nend\n", "load1", "CRITICAL load 9.00 on 2 cores");
	finds("load\t9\t0\t0\nend\n", "load1", NULL);
	finds("disk\t/v\t1000\t850\t150\tdevice\nend\n", "disk:/v",
	      "WARNING 150 KB of 1000 KB free");
	finds("disk\t/v\t1000\t1000\t-5\tdevice\nend\n", "disk:/v",
	      "CRITICAL 0 KB of 1000 KB free");
	finds("disk\t/v\tx\t1\t1\nend\n", "disk:/v", NULL);
	finds("time\t1000000000\nend\n", "clock", "OK as the console's, give or take 2 s");
	finds("time\t999999900\nend\n", "clock", "CRITICAL 100 s behind the console");
	finds("time\t1000000012\nend\n", "clock", "WARNING 10 s ahead of the console");
	finds("reboot\tyes\nend\n", "reboot", "WARNING needed");
	finds("route\tno\nend\n", "route", "CRITICAL no default route");
	finds("end\n", "dns", "UNKNOWN the server has no program that resolves names");
	finds("end\n", "ping", "UNKNOWN the server cannot ping (no such program, or no right to)");
	finds("ping\t8.8.8.8\tok\t400\nend\n", "ping", "WARNING 8.8.8.8 answers in 400 ms");
	finds("manager\tsystemd\nend\n", "units", "OK 0 failed units");
	finds("failed\ta.service\nfailed\tb.service\nend\n", "units",
	      "WARNING 2 failed units: a.service, b.service");
	finds("certificate\t/c\tSep  9 01:46:40 2001 GMT\nend\n", "certificate:/c",
	      "CRITICAL expired 0 days ago");
	finds("certificate\t/c\t\nend\n", "certificate:/c", "UNKNOWN cannot be read");
	finds("check\tq\t1\tQ is long | q=7;5;9\nend\n", "check:q", "WARNING Q is long");
	finds("check\tq\t126\tno\nend\n", "check:q", "UNKNOWN no");
	finds("load\t1\t1\t1\n", "probe", "UNKNOWN the answer is cut short");
	finds("", "probe", "UNKNOWN the server answered nothing (is there a POSIX shell?)");
}

static void test_json(void)
{
	struct checkup before = CHECKUP_INIT, now = CHECKUP_INIT;
	struct buf json = BUF_INIT;
	struct err err = ERR_INIT;
	struct check *check = checkup_add(&before, HEALTH_WARNING, "te\"xt", "%s", "a");

	check->has_value = true;
	check->value = 91.25;
	memcpy(check->unit, "%", 2);
	before.at_ms = 5;
	snprintf(before.cpu.boot, sizeof(before.cpu.boot), "b");
	before.cpu.busy = 12345678901.0;
	checkup_close(&before);
	checkup_compare(&before, NULL);
	checkup_write(&before, &json);
	tap_ok(!checkup_read(&now, json.at, &err) && now.count == 1 && now.at[0].value == 91.25 &&
		   !strcmp(now.at[0].text, "te\"xt") && now.cpu.busy == 12345678901.0 &&
		   now.status == HEALTH_WARNING && now.at_ms == 5,
	       "a checkup survives JSON");
	checkup_finish(&now);
	checkup_add(&now, HEALTH_CRITICAL, "", "%s", "a");
	checkup_add(&now, HEALTH_OK, "", "%s", "b");
	now.at_ms = 9;
	checkup_close(&now);
	checkup_compare(&now, &before);
	tap_ok(now.at[0].was == HEALTH_WARNING && now.at[0].since_ms == 9, "a change is noted");
	checkup_finish(&before);
	tap_ok(checkup_read(&before, "[]", &err) == -1, "other JSON is refused");
	checkup_finish(&now);
	now = (struct checkup)CHECKUP_INIT;
	for (int i = 0; i < 1000; i++)
		checkup_add(&now, HEALTH_OK, "", "c%d", i);
	tap_int((long long)now.count, 500, "there is an end to how many checks a server has");
	checkup_finish(&now);
	buf_finish(&json);
}

int main(void)
{
	test_levels();
	test_facts();
	test_listening();
	test_judge();
	test_json();
	return tap_done();
}
