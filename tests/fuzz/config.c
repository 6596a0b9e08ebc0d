/* Settings files: any bytes become entries whose every byte stood on their line, or problems of one line
 * that name it. What reading gives, written down again, reads the same. */
#include "lib/room/config_read.h"

#include "lib/base/buf.h"
#include "tests/fuzz/fuzz.h"

struct reading {
	struct buf text; /* the entries as a settings file */
	long line, count;
};

static void note(void *ctx, const struct config_entry *entry)
{
	struct reading *reading = ctx;

	must(entry->line > reading->line);
	reading->line = entry->line;
	reading->count++;
	must(entry->section && *entry->section);
	must(!entry->key == !entry->value);
	if (!entry->key) {
		buf_format(&reading->text, "[%s]\n", entry->section);
		return;
	}
	must(*entry->key && !strpbrk(entry->key, "\r\n") && !strpbrk(entry->value, "\r\n"));
	buf_format(&reading->text, "%s = %s\n", entry->key, entry->value);
}

static void read_all(const char *bytes, size_t count, struct reading *reading, struct list *problems)
{
	buf_init(&reading->text);
	reading->line = reading->count = 0;
	config_read("fuzz", bytes, count, note, reading, problems);
	must(problems->count <= CONFIG_PROBLEMS_MAX + 1);
	for (size_t i = 0; i < problems->count; i++) {
		const char *text = problems->at[i];

		must(!strncmp(text, "fuzz:", 5) && strlen(text) < 2048 && !strpbrk(text, "\r\n"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct list problems = LIST_INIT, again_problems = LIST_INIT;
	struct reading reading, again;

	read_all((const char *)bytes, count, &reading, &problems);
	if (problems.count == 0) {
		read_all(reading.text.at, reading.text.len, &again, &again_problems);
		must(again_problems.count == 0 && again.count == reading.count);
		must(again.text.len == reading.text.len &&
		     !memcmp(again.text.at, reading.text.at, again.text.len));
		buf_finish(&again.text);
	}
	buf_finish(&reading.text);
	list_finish(&problems);
	list_finish(&again_problems);
	return 0;
}
