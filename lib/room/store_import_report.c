#include "lib/base/mem.h"
#include "lib/room/store_import.h"

const char *import_action_name(enum import_action action)
{
	static const char *const names[] = {
	    [IMPORT_ADDED] = "added", [IMPORT_CHANGED] = "changed", [IMPORT_MOVED] = "moved",
	    [IMPORT_GONE] = "gone",   [IMPORT_REMOVED] = "removed", [IMPORT_RETIRED] = "retired",
	};

	return names[action];
}

void import_field_names(struct buf *into, unsigned fields)
{
	static const char *const names[] = {
	    "host", "port",    "user",	      "key",   "tunnel",   "password", "room",
	    "tags", "retired", "description", "state", "schedule", "jump"};
	const char *comma = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!(fields & 1U << i))
			continue;
		buf_text(into, comma);
		buf_text(into, names[i]);
		comma = ",";
	}
}

void import_note(struct import_report *report, const char *id, enum import_action action,
		 unsigned fields, const char *from)
{
	if (report->change_count == report->change_cap) {
		report->change_cap = report->change_cap ? report->change_cap * 2 : 64;
		report->changes =
		    mem_resize(report->changes, report->change_cap, sizeof(*report->changes));
	}
	report->changes[report->change_count++] =
	    (struct import_change){mem_text(id), action, fields, mem_text(from)};
}

void import_report_finish(struct import_report *report)
{
	for (size_t i = 0; i < report->change_count; i++) {
		free(report->changes[i].id);
		free(report->changes[i].from);
	}
	free(report->changes);
	list_finish(&report->tunnels_added);
	list_finish(&report->tunnels_changed);
	*report = (struct import_report)IMPORT_REPORT_INIT;
}
