/* The parts of mroom inventory import: the file it reads, and how it tells what it did. */
#ifndef MROOM_CMD_INVENTORY_IMPORT_H
#define MROOM_CMD_INVENTORY_IMPORT_H

#include <stdbool.h>

#include "lib/flow/out.h"
#include "lib/room/console.h"
#include "lib/room/store.h"

/* Where the roster comes from. */
struct import_source {
	char *path;	 /* "-" is standard input */
	char *name;	 /* what messages call it */
	char *room;	 /* the room it becomes; NULL: it has no name to call one by */
	char *title;	 /* what the summary is about */
	size_t size;	 /* bytes, as far as known */
	bool known_stay; /* a known server stays in its room: only rosters are rooms */
};

/*
 * Finds FILE: as it is, with .txt added, and both again in MROOM_HOME. `room` names the room; NULL
 * names it after the file, unless that is standard input or a pipe.
 */
int import_find(struct import_source *source, const char *file, const char *room,
		const struct home *home, struct err *err);
void import_source_finish(struct import_source *source);

/* Reads it, as `format` (a name of LISTING_FORMS) or as what it looks like. NULL on error. */
struct roster *import_read(struct import_source *source, const char *format, struct err *err);

/* Imports each server into its room, in one transaction: args->room, else the one that the source
 * says, else source->room. */
int import_rooms(struct console *console, struct import_source *source, const struct roster *roster,
		 const struct import_args *args, struct import_report *report, struct err *err);

#define IMPORT_COLUMNS 4
extern const struct out_column import_columns[IMPORT_COLUMNS];

/* One row for each server that was not unchanged. */
void import_print_changes(struct out *out, const struct import_report *report);
/* A few lines on standard error. */
void import_print_summary(const char *room, bool dry_run, const struct import_report *report,
			  size_t rejected);
/* A line on standard error, with control bytes made visible. */
void import_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
