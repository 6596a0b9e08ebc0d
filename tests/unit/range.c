#include "lib/flow/range.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "tests/unit/tap.h"

static void expands(const char *word, const char *want)
{
	struct list list = LIST_INIT;
	struct err err = ERR_INIT;
	int result = range_expand(word, &list, &err);
	char *got = list_join(&list, " ");

	tap_text(result ? err.text : got, want, word);
	free(got);
	list_finish(&list);
}

static void test_expand(void)
{
	expands("web", "web");
	expands("", "");
	expands("web-[01-03,07]", "web-01 web-02 web-03 web-07");
	expands("web[8-11]", "web8 web9 web10 web11");
	expands("web[08-11]", "web08 web09 web10 web11");
	expands("web[098-101]", "web098 web099 web100 web101");
	expands("web[99-101]", "web99 web100 web101");
	expands("web[5]", "web5");
	expands("web[00]", "web00");
	expands("[1-2]", "1 2");
	expands("r[1-2]n[a-c]x", "r1nax r1nbx r1ncx r2nax r2nbx r2ncx");
	expands("[0-20/5]", "0 5 10 15 20");
	expands("[0-21/5,3]", "0 5 10 15 20 3");
	expands("[a-e/2]", "a c e");
	expands("[X-Z]", "X Y Z");
	expands("[1,1]", "1 1");
	expands("[3,1]", "3 1");
	expands("[1-2][1-2][1-2]", "111 112 121 122 211 212 221 222");
	expands("[::1]", "[::1]");
	expands("user@[fe80::1]:22", "user@[fe80::1]:22");
	expands("[1-2]@[::1]", "1@[::1] 2@[::1]");
	expands("[::1]-[1-2]", "[::1]-1 [::1]-2");
	expands("web*", "web*");
	expands("[999999999999999998-999999999999999999]", "999999999999999998 999999999999999999");
}

static void expand_refuses(const char *word, const char *why)
{
	struct list list = LIST_INIT;
	struct err err = ERR_INIT;
	char *want = mem_format("'%s': %s", word, why);

	tap_int(range_expand(word, &list, &err), -1, "is refused");
	tap_text(err.text, want, want);
	tap_ok(!list.count && err.status == STATUS_USAGE, "and gives nothing");
	free(want);
	list_finish(&list);
}

static void test_refusals(void)
{
	static const char hold[] = "a range holds numbers or letters, as in [01-12,15] or [a-c]";
	static const char many[] = "the range means more than 1000000 servers";
	struct list list = LIST_INIT;
	struct err err = ERR_INIT;
	char word[200];

	expand_refuses("web[", "a bracket is not closed");
	expand_refuses("web[1", "a bracket is not closed");
	expand_refuses("web[1-3,", "a bracket is not closed");
	expand_refuses("web]", "a bracket is closed that was not opened");
	expand_refuses("web[1]]", "a bracket is closed that was not opened");
	expand_refuses("web[]", hold);
	expand_refuses("web[1,]", hold);
	expand_refuses("web[,1]", hold);
	expand_refuses("web[1,,2]", hold);
	expand_refuses("web[1-]", hold);
	expand_refuses("web[-1]", hold);
	expand_refuses("web[1-2-3]", hold);
	expand_refuses("web[a-3]", hold);
	expand_refuses("web[abc]", hold);
	expand_refuses("web[1 2]", hold);
	expand_refuses("web[[1]]", hold);
	expand_refuses("web[1;rm]", hold);
	expand_refuses("web[1234567890123456789]", hold);
	expand_refuses("web[5-3]", "the range runs backwards");
	expand_refuses("web[c-a]", "the range runs backwards");
	expand_refuses("web[A-c]", "a range of letters is of one case");
	expand_refuses("web[1-010]", "the ends of the range are padded differently");
	expand_refuses("web[01-010]", "the ends of the range are padded differently");
	expand_refuses("web[1-9/0]", "the step of a range is a number from 1 up");
	expand_refuses("web[1-9/]", "the step of a range is a number from 1 up");
	expand_refuses("web[1-9/a]", "the step of a range is a number from 1 up");
	expand_refuses("[0-1000000]", many);
	expand_refuses("[0-999999999999999999]", many);
	expand_refuses("[0-999999999999999999][0-999999999999999999]", many);
	expand_refuses("[1-1000][1-1001]", many);
	memset(word, '[', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	range_expand(word, &list, &err);
	tap_int((long long)strlen(err.text), (long long)(80 + sizeof("''...: ") - 1 + strlen(hold)),
		"a long word is quoted by its beginning");
	tap_ok(!range_expand("[1-1000][1-1000]", &list, &err) && list.count == RANGE_MAX &&
		   !strcmp(list.at[RANGE_MAX - 1], "10001000"),
	       "a million is not too many");
	list_finish(&list);
}

static void splits(const char *text, const char *want)
{
	struct list list = LIST_INIT;
	struct err err = ERR_INIT;
	int result = range_split(text, &list, &err);
	char *got = list_join(&list, " ");

	tap_text(result ? err.text : got, want, text);
	free(got);
	list_finish(&list);
}

static void test_split(void)
{
	splits("a,b", "a b");
	splits("", "");
	splits(" a , ,b,\n", "a b");
	splits("web-[01-03,07],db1", "web-[01-03,07] db1");
	splits("[1,2]x[3,4],y", "[1,2]x[3,4] y");
	splits("@room,web*,^file,-", "@room web* ^file -");
	splits("[::1],a", "[::1] a");
	splits("a,web[1,2", "'a,web[1,2': a bracket is not closed");
}

/* Folds ids given as one text, separated by blanks. */
static void folds(const char *ids, const char *want)
{
	struct list list = LIST_INIT;
	struct buf got = BUF_INIT;

	list_split(&list, ids, ' ');
	range_fold(&got, (const char *const *)list.at, list.count);
	tap_text(got.at, want, want);
	buf_finish(&got);
	list_finish(&list);
}

static void test_fold(void)
{
	folds("", "");
	folds("web", "web");
	folds("web1", "web1");
	folds("web-01 web-02 web-03 web-07 db1", "db1,web-[01-03,07]");
	folds("web1 web2 web10 web9 web2", "web[1-2,9-10]");
	folds("web08 web09 web10 web11", "web[08-11]");
	folds("web99 web100 web01 web02", "web[01-02,99],web100");
	folds("web1 web01 web001", "web001,web01,web1");
	folds("web1 web2 web01 web02", "web[01-02],web[1-2]");
	folds("web0 web1", "web[0-1]");
	folds("web00 web01 web10", "web[00-01,10]");
	folds("10.0.0.1 10.0.0.2 10.0.1.1", "10.0.0.[1-2],10.0.1.1");
	folds("10.0.0.5 10.0.1.5 10.0.2.5", "10.0.[0-2].5");
	folds("rack1-node1 rack2-node1 rack3-node1", "rack[1-3]-node1");
	folds("rack1-node1 rack1-node2 rack2-node1 rack2-node2", "rack1-node[1-2],rack2-node[1-2]");
	folds("web1.eu web2.eu web1.us", "web[1-2].eu,web1.us");
	folds("b a c", "a,b,c");
	folds("host:22 host:23", "host:[22-23]");
	folds("[::1]:22 [::1]:23 x[1]", "[::1]:22,[::1]:23,x[1]");
	folds("n1234567890123456789 n1234567890123456788",
	      "n1234567890123456788,n1234567890123456789");
	folds("1 2 3", "[1-3]");
	folds("x1y1 x1y2 x2y2 x3y3 x4y3", "x1y[1-2],x2y2,x[3-4]y3");
}

/* Whether what fold writes is read back by split and expand as these ids, each once. */
static bool comes_back(struct list *ids)
{
	struct buf folded = BUF_INIT;
	struct list words = LIST_INIT;
	struct list back = LIST_INIT;
	struct err err = ERR_INIT;
	bool right;
	size_t kept = 0;

	range_fold(&folded, (const char *const *)ids->at, ids->count);
	right = !range_split(folded.at, &words, &err);
	for (size_t i = 0; right && i < words.count; i++)
		right = !range_expand(words.at[i], &back, &err);
	list_sort(&back);
	list_sort(ids);
	for (size_t i = 0; right && i < ids->count; i++) {
		if (i && !strcmp(ids->at[i], ids->at[i - 1]))
			continue;
		right = kept < back.count && !strcmp(back.at[kept++], ids->at[i]);
	}
	right = right && kept == back.count;
	if (!right)
		printf("#  %s\n#  %s\n", folded.at, err.text);
	buf_finish(&folded);
	list_finish(&words);
	list_finish(&back);
	return right;
}

static void test_round_trip(void)
{
	static const char *const parts[] = {"web", "-",	 ".",  "0", "1",  "2",
					    "9",   "00", "10", "a", "01", "007"};
	unsigned long seed = 42;
	bool right = true;

	for (int round = 0; round < 2000 && right; round++) {
		struct list ids = LIST_INIT;

		for (int i = 0; i < round % 60; i++) {
			struct buf id = BUF_INIT;

			do {
				seed = seed * 6364136223846793005UL + 1442695040888963407UL;
				buf_text(&id, parts[(seed >> 33) % 12]);
			} while ((seed >> 50) % 5);
			list_take(&ids, buf_detach(&id));
		}
		right = comes_back(&ids);
		list_finish(&ids);
	}
	tap_ok(right, "what fold writes expand reads back, for random ids");
}

static void test_many(void)
{
	struct list ids = LIST_INIT;
	struct buf folded = BUF_INIT;
	struct err err = ERR_INIT;
	int64_t begin;

	range_expand("r[1-100]-web-[0001-1000]", &ids, &err);
	begin = clock_mono_ms();
	range_fold(&folded, (const char *const *)ids.at, ids.count);
	printf("#  100,000 ids folded in %lld ms\n", (long long)(clock_mono_ms() - begin));
	tap_ok(!strncmp(folded.at, "r1-web-[0001-1000],r2-web-[0001-1000],", 38),
	       "100,000 ids of 100 groups fold");
	list_finish(&ids);
	buf_clear(&folded);
	range_expand("web-[1-199999/2]", &ids, &err);
	tap_ok(ids.count == 100000 && comes_back(&ids), "100,000 ids without any run come back");
	list_finish(&ids);
	buf_finish(&folded);
}

int main(void)
{
	test_expand();
	test_refusals();
	test_split();
	test_fold();
	test_round_trip();
	test_many();
	return tap_done();
}
