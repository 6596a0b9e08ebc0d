/* What servers answer, on its way into the journal. Private to journal*.c. */
#ifndef MROOM_ROOM_JOURNAL_OUTPUT_H
#define MROOM_ROOM_JOURNAL_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/room/config.h"
#include "lib/room/redact.h"
#include "lib/room/store.h"

struct journal_output;

/* NULL where nothing is kept: [journal] output = none. redact must outlive it. */
struct journal_output *journal_output_create(const struct config *config,
					     const struct redact *redact);
/* What is kept: none, hash, head or full. */
const char *journal_output_how(const struct config *config);
void journal_output_destroy(struct journal_output *output); /* NULL is allowed */

/* NULL is allowed, for all of these. */
void journal_output_add(struct journal_output *output, const char *server, bool is_err,
			const char *bytes, size_t count);
/* The server is done: what there is of it is ready to be written. */
void journal_output_done(struct journal_output *output, const char *server);
/* Writes what is ready; part of the transaction that is open. */
int journal_output_write(struct journal_output *output, struct store *store, int64_t run,
			 struct err *err);

#endif
