/*
 * The journal of a run: who, when, what, and per server how it ended and, as [journal] output says,
 * what it answered. Results are gathered and written in batches (at 200, or with the first that
 * comes a second after the oldest, or at the end), so that 1,000 servers cost few transactions.
 * Whoever has a timer calls journal_flush once a second: then a killed console loses at most the
 * last second. With nothing gathered that costs nothing.
 *
 * The same events go to a log file, where one is set. What [journal] redact matches is written
 * nowhere.
 */
#ifndef MROOM_ROOM_JOURNAL_H
#define MROOM_ROOM_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/room/console.h"
#include "lib/room/store.h"

struct journal;

struct journal_args {
	const struct console *console;
	const char *tool;     /* "exec" */
	const char *command;  /* what was asked, in one line, without secrets */
	const char *log_file; /* NULL: as [log] file says */
};

/* Begins a run. NULL on error. */
struct journal *journal_begin(const struct journal_args *args, struct err *err);
/* What tells terminal sessions apart, as runs note it; "" without a terminal. Caller frees. */
char *journal_session(void);
int64_t journal_run(const struct journal *journal); /* the run's number */
/* Takes in what a server answered, before its result. NULL is allowed. */
void journal_output(struct journal *journal, const char *server, bool is_err, const char *bytes,
		    size_t count);
/* Copies the row. */
int journal_result(struct journal *journal, const struct result_row *row, struct err *err);
int journal_flush(struct journal *journal, struct err *err);
/* Flushes, notes the end and the exit status, and frees, also when it fails. The store must still
 * be open. */
int journal_end(struct journal *journal, int exit_status, struct err *err);

#endif
