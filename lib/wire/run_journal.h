/* The journal of a run on its loop: what is gathered is written once a second, so that others see it soon
 * and a console that is killed loses no more. Private to run.c. */
#ifndef MROOM_WIRE_RUN_JOURNAL_H
#define MROOM_WIRE_RUN_JOURNAL_H

#include <uv.h>

#include "lib/room/journal.h"
#include "lib/wire/run.h"

struct run_journal {
	struct journal *at; /* NULL: not begun */
	int64_t number;	    /* stays when it has ended */
	uv_timer_t timer;
	struct run *run;
};

/* Begins it, with the first server; nothing when it has begun. When later what is gathered cannot be written,
 * the run fails. */
int run_journal_begin(struct run_journal *journal, struct run *run, uv_loop_t *loop,
		      const struct journal_args *args, struct err *err);
/* As journal_end; nothing when it was not begun. The timer's handle is closed with the loop. */
int run_journal_end(struct run_journal *journal, int status, struct err *err);

#endif
