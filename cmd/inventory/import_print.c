#include <stdarg.h>

#include "cmd/inventory/import.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/flow/range.h"

const struct out_column import_columns[IMPORT_COLUMNS] = {
    {.name = "id", .type = OUT_TEXT},
    {.name = "action", .type = OUT_TEXT},
    {.name = "changes", .type = OUT_LIST},
    {.name = "from", .type = OUT_TEXT},
};

void import_print_changes(struct out *out, const struct import_report *report)
{
	struct buf fields = BUF_INIT;

	for (size_t i = 0; i < report->change_count; i++) {
		const struct import_change *change = &report->changes[i];

		buf_clear(&fields);
		import_field_names(&fields, change->fields);
		const char *values[IMPORT_COLUMNS] = {change->id,
						      import_action_name(change->action),
						      fields.len ? fields.at : NULL, change->from};

		out_row(out, values);
	}
	buf_finish(&fields);
}

void import_say(const char *format, ...)
{
	struct buf text = BUF_INIT;
	struct buf line = BUF_INIT;
	va_list args;

	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	quote_terminal(&line, text.at, text.len, false);
	buf_char(&line, '\n');
	fwrite(line.at, 1, line.len, stderr);
	buf_finish(&text);
	buf_finish(&line);
}

/* The ids that met this fate, folded: "web-[01-03]". */
static void say_ids(const char *room, const struct import_report *report, enum import_action action,
		    const char *before, const char *after)
{
	const char **ids = mem_zero(report->change_count + 1, sizeof(*ids));
	struct buf folded = BUF_INIT;
	size_t count = 0;

	for (size_t i = 0; i < report->change_count; i++)
		if (report->changes[i].action == action)
			ids[count++] = report->changes[i].id;
	if (count) {
		range_fold(&folded, ids, count);
		import_say("%s: %s %s%s", room, before, folded.at, after);
	}
	buf_finish(&folded);
	free(ids);
}

static void say_tunnels(const char *room, const char *what, const struct list *names)
{
	char *joined;

	if (!names->count)
		return;
	joined = list_join(names, ", ");
	import_say("%s: tunnel%s %s: %s", room, names->count == 1 ? "" : "s", what, joined);
	free(joined);
}

void import_print_summary(const char *room, bool dry_run, const struct import_report *report,
			  size_t rejected)
{
	char *bad = rejected ? mem_format(", %zu rejected", rejected) : mem_text("");
	char *moved = report->moved ? mem_format(", %ld moved", report->moved) : mem_text("");

	import_say("%s: %s%ld added, %ld changed%s, %ld unchanged%s", room,
		   dry_run ? "dry run, nothing done: " : "", report->added, report->changed, moved,
		   report->unchanged, bad);
	free(bad);
	free(moved);
	say_ids(room, report, IMPORT_MOVED, "moved here from other rooms:", "");
	say_tunnels(room, "added", &report->tunnels_added);
	say_tunnels(room, "changed", &report->tunnels_changed);
	say_ids(room, report, IMPORT_GONE,
		"not in the file, but kept:", " (--prune removes, --retire retires)");
	say_ids(room, report, IMPORT_REMOVED, "removed:", "");
	say_ids(room, report, IMPORT_RETIRED, "retired:", "");
	if (report->still_retired)
		import_say("%s: %ld in the file %s retired and stay%s so", room,
			   report->still_retired, report->still_retired == 1 ? "is" : "are",
			   report->still_retired == 1 ? "s" : "");
}
