#include "lib/room/condition.h"
#include "tests/unit/tap.h"

/* Whether the question, asked of this JSON (NULL: nothing), is answered so. */
static void asks(const char *question, const char *json, bool want)
{
	struct condition condition;
	struct err err = ERR_INIT;
	char name[200];

	snprintf(name, sizeof(name), "%s %s %s", question, want ? "holds of" : "does not hold of",
		 json ? json : "nothing");
	if (condition_parse(question, &condition, &err) != 1) {
		tap_ok(false, name);
		return;
	}
	tap_ok(condition_holds(&condition, json, NULL) == want, name);
	condition_finish(&condition);
}

static void is_none(const char *text, int want)
{
	struct condition condition;
	struct err err = ERR_INIT;
	char name[200];

	snprintf(name, sizeof(name), "'%s' is no condition", text);
	tap_ok(condition_parse(text, &condition, &err) == want, name);
}

static void test_equal(void)
{
	asks("k=1", "1", true);
	asks("k=1", "1.0", true);
	asks("k=1", "\"1\"", true);
	asks("k=1", "10", false);
	asks("k=deb*", "\"debian\"", true);
	asks("k=d?b", "\"deb\"", true);
	asks("k=d?b", "\"deeb\"", false);
	asks("k=*a*b*", "\"xaxbx\"", true);
	asks("k=[1]", "\"1\"", false);
	asks("k=true", "true", true);
	asks("k=", "\"\"", true);
	asks("k=x", NULL, false);
	asks("k=80", "[22,80]", true);
	asks("k=81", "[22,80]", false);
	asks("k=x", "{\"x\":1}", false);
}

static void test_different(void)
{
	asks("k!=1", "1", false);
	asks("k!=1", "2", true);
	asks("k!=1", NULL, true);
	asks("k!=80", "[22,80]", false);
}

static void test_order(void)
{
	asks("k>5", "6", true);
	asks("k>5", "5", false);
	asks("k>5", "\"10\"", true);
	asks("k>=5", "5.0", true);
	asks("k<5", "-1", true);
	asks("k<=5", "6", false);
	asks("k>1.9", "\"1.10\"", false); /* both are numbers */
	asks("k>1.9.0", "\"1.10.0\"", true);
	asks("k>5", NULL, false);
	asks("k<5", NULL, false);
	asks("k<5", "null", false);
}

static void test_there(void)
{
	asks("k?", "1", true);
	asks("k?", "0", true);
	asks("k?", "\"\"", true);
	asks("k?", "false", false);
	asks("k?", "null", false);
	asks("k?", NULL, false);
}

static void test_parse(void)
{
	is_none("web-01", 0);
	is_none("?", 0);
	is_none("!x", 0);
	is_none("=1", -1);
	is_none(">=1", -1);
}

static void test_path(void)
{
	char a[] = "a", one[] = "1";
	char *path[] = {a, one, NULL};
	struct condition condition;
	struct err err = ERR_INIT;

	condition_parse("k=y", &condition, &err);
	tap_ok(condition_holds(&condition, "{\"a\":[\"x\",\"y\"]}", path), "a path leads inside");
	tap_ok(!condition_holds(&condition, "{\"a\":[\"x\"]}", path), "a path may lead nowhere");
	tap_ok(!condition_holds(&condition, "not json", path), "what is no JSON is nothing");
	tap_ok(condition_holds_text(&condition, "y"), "a plain text is asked too");
	tap_ok(!condition_holds_text(&condition, NULL), "no text is none");
	condition_finish(&condition);
}

int main(void)
{
	test_equal();
	test_different();
	test_order();
	test_there();
	test_parse();
	test_path();
	return tap_done();
}
