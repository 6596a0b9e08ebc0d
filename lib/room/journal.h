/*
 * The journal of a run: who, when, what, and per server how it ended. Results are gathered and
 * written in batches (at 200, or with the first that comes a second after the oldest, or at the
 * end), so that 1,000 servers cost few transactions. Whoever has a timer calls journal_flush once a
 * second: then a killed console loses at most the last second. With nothing gathered that costs
 * nothing.
 */
#ifndef MROOM_ROOM_JOURNAL_H
#define MROOM_ROOM_JOURNAL_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/room/store.h"

struct journal;

/* Begins a run. `command` is what was asked, in one line, without secrets. NULL on error. */
struct journal *journal_begin(struct store *store, const char *tool, const char *command,
			      struct err *err);
int64_t journal_run(const struct journal *journal); /* the run's number */
/* Copies the row. */
int journal_result(struct journal *journal, const struct result_row *row, struct err *err);
int journal_flush(struct journal *journal, struct err *err);
/* Flushes, notes the end and the exit status, and frees, also when it fails. The store must still
 * be open. */
int journal_end(struct journal *journal, int exit_status, struct err *err);

#endif
