#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "tests/unit/tap.h"

/* The list joined by '|' is `want`. */
static void is_list(const struct list *list, const char *want, const char *name)
{
	char *got = list_join(list, "|");

	tap_text(got, want, name);
	free(got);
}

static void test_list(void)
{
	struct list list = LIST_INIT;

	is_list(&list, "", "an empty list joins to nothing");
	list_sort(&list);
	list_split(&list, " a , b c,,\t,d\n,", ',');
	is_list(&list, "a|b c|d", "split drops blanks around items and empty items");
	list_add(&list, "");
	list_add_n(&list, "web-17", 3);
	list_take(&list, mem_text("taken"));
	is_list(&list, "a|b c|d||web|taken", "add, add_n and take append");
	tap_ok(list_has(&list, "web") && list_has(&list, "") && !list_has(&list, "we"),
	       "has finds whole texts");
	list_finish(&list);
	tap_ok(!list.at && !list.count, "a finished list is empty");
	list_split(&list, "", ',');
	tap_int((long long)list.count, 0, "an empty text has no items");
	list_finish(&list);
}

static void test_natural(void)
{
	static const char *const sorted[] = {"",
					     "-",
					     "1",
					     "2",
					     "10",
					     "10.0.0.2",
					     "10.0.0.10",
					     "db",
					     "web",
					     "web-1",
					     "web-2",
					     "web-10",
					     "web-10a",
					     "web-10b",
					     "web01",
					     "web1",
					     "web02",
					     "web2",
					     "web010",
					     "web10",
					     "web99999999999999999999",
					     "web100000000000000000000",
					     "weba",
					     "\xc3\xa9"};
	size_t count = sizeof(sorted) / sizeof(sorted[0]);
	struct list list = LIST_INIT;
	bool right = true;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			int order = natural_compare(sorted[i], sorted[j]);
			bool here = i < j ? order < 0 : i > j ? order > 0 : order == 0;

			if (!here)
				printf("#  %s against %s gives %d\n", sorted[i], sorted[j], order);
			right = right && here;
		}
	tap_ok(right, "natural order is by value, total, and the same from both sides");
	for (size_t i = count; i-- > 0;)
		list_add(&list, sorted[i]);
	list_sort(&list);
	right = true;
	for (size_t i = 0; i < count; i++)
		right = right && !strcmp(list.at[i], sorted[i]);
	tap_ok(right, "sort puts a list into natural order");
	list_finish(&list);
}

static void test_nearest(void)
{
	static const char *const names[] = {"fanout",	"timeout", "user",
					    "identity", "list",	   "json"};
	char word[2000];

	tap_text(list_nearest("fanot", names, 6), "fanout", "one letter missing");
	tap_text(list_nearest("fnaout", names, 6), "fanout", "two letters swapped");
	tap_text(list_nearest("uzer", names, 6), "user", "one letter wrong");
	tap_text(list_nearest("jsonn", names, 6), "json", "one letter too many");
	tap_text(list_nearest("iden", names, 6), "identity", "the beginning of a name");
	tap_text(list_nearest("xyzzy", names, 6), NULL, "nothing near");
	tap_text(list_nearest("", names, 6), NULL, "nothing is near to nothing");
	tap_text(list_nearest("fanout", names, 0), NULL, "no candidates");
	memset(word, 'f', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	tap_text(list_nearest(word, names, 6), NULL, "a very long word");
}

int main(void)
{
	test_list();
	test_natural();
	test_nearest();
	return tap_done();
}
