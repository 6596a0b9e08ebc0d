/* The journal's events as lines of a log file: text for people, or JSON. Private to journal*.c. */
#ifndef MROOM_ROOM_JOURNAL_LOG_H
#define MROOM_ROOM_JOURNAL_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/config.h"
#include "lib/room/store.h"

struct journal_log;

/* file NULL: what [log] file says. No file: *log is NULL, and all is well. */
int journal_log_open(struct journal_log **log, const struct config *config, const char *file,
		     struct err *err);
void journal_log_close(struct journal_log *log); /* NULL is allowed */

/* Each writes one line; nothing with a NULL log. */
int journal_log_begin(struct journal_log *log, int64_t run, const struct run_row *row,
		      struct err *err);
int journal_log_result(struct journal_log *log, int64_t run, const struct result_row *row,
		       struct err *err);
int journal_log_end(struct journal_log *log, int64_t run, int exit_status, struct err *err);

#endif
