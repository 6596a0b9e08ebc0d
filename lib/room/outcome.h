/* How a server of a run ended: exactly one of these, with a class and one line that says what to do. */
#ifndef MROOM_ROOM_OUTCOME_H
#define MROOM_ROOM_OUTCOME_H

#include <stdbool.h>

#include "lib/base/err.h"

enum outcome {
	OUTCOME_OK,
	OUTCOME_FAILED,	     /* the remote command failed */
	OUTCOME_TIMEOUT,     /* it outlived -u and was killed */
	OUTCOME_UNREACHABLE, /* no connection, or it was lost */
	OUTCOME_DENIED,	     /* the server refused who we are, or what we asked for */
	OUTCOME_HOSTKEY,     /* the server's host key is unknown, changed or revoked */
	OUTCOME_CANCELLED,   /* interrupted, or a budget stopped the run, while it ran */
	OUTCOME_SKIPPED,     /* never begun */
	OUTCOME_COUNT
};

/* "ok", "failed", ... as streams, targets and the journal spell it. */
const char *outcome_name(enum outcome outcome);
/* The outcome of that name: false when there is none. */
bool outcome_parse(const char *name, enum outcome *outcome);
/* What it adds to the tool's exit status. */
enum status outcome_status(enum outcome outcome);

#endif
