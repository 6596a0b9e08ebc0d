/* Any list must split and expand or be refused with one clear line; what fold makes of the ids must
 * expand to just those ids again. */
#include "lib/flow/range.h"

#include "lib/base/mem.h"
#include "tests/fuzz/fuzz.h"

enum { IDS_MOST = 3000 }; /* more take long and show nothing new */

/* Expands a LIST. False with a checked err when it is refused. */
static bool expand_all(const char *text, struct list *ids)
{
	struct list words = LIST_INIT;
	struct err err = ERR_INIT;
	bool good = !range_split(text, &words, &err);

	for (size_t i = 0; i < words.count && good; i++) {
		size_t before = ids->count;

		good = !range_expand(words.at[i], ids, &err);
		must(good || ids->count == before);
		must(ids->count - before <= RANGE_MAX);
		good = good && ids->count <= IDS_MOST;
	}
	must(good || ids->count > IDS_MOST ||
	     (err.status == STATUS_USAGE && *err.text == '\'' && strlen(err.text) < 200));
	list_finish(&words);
	return good;
}

static void check_fold(struct list *ids)
{
	struct buf folded = BUF_INIT;
	struct list back = LIST_INIT;
	size_t kept = 0;

	range_fold(&folded, (const char *const *)ids->at, ids->count);
	must(expand_all(folded.at, &back));
	list_sort(&back);
	list_sort(ids);
	for (size_t i = 0; i < ids->count; i++) {
		if (i && !strcmp(ids->at[i], ids->at[i - 1]))
			continue;
		must(kept < back.count && !strcmp(ids->at[i], back.at[kept++]));
	}
	must(kept == back.count);
	list_finish(&back);
	buf_finish(&folded);
}

/* Ids as servers may have them; blanks and brackets would be read as more than an id. */
static bool is_id(const char *text)
{
	return *text && !strpbrk(text, "[], \t\r\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *text = mem_text_n((const char *)bytes, count);
	struct list ids = LIST_INIT;

	expand_all(text, &ids); /* where that fails, the words before are ids too */
	list_split(&ids, text, ',');
	for (size_t i = 0; i < ids.count;) {
		if (is_id(ids.at[i])) {
			i++;
			continue;
		}
		free(ids.at[i]);
		ids.at[i] = ids.at[--ids.count];
	}
	if (ids.count <= IDS_MOST)
		check_fold(&ids);
	list_finish(&ids);
	free(text);
	return 0;
}
