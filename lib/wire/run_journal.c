#include "lib/wire/run_journal.h"

#define FLUSH_MS 1000

static void run_journal_tick(uv_timer_t *timer)
{
	struct run_journal *journal = timer->data;
	struct err err = ERR_INIT;

	if (journal->at && journal_flush(journal->at, &err))
		run_fail(journal->run, &err);
}

int run_journal_begin(struct run_journal *journal, struct run *run, uv_loop_t *loop,
		      const struct journal_args *args, struct err *err)
{
	if (journal->at)
		return 0;
	journal->at = journal_begin(args, err);
	if (!journal->at)
		return -1;
	journal->number = journal_run(journal->at);
	if (!journal->run)
		uv_timer_init(loop, &journal->timer);
	journal->run = run;
	journal->timer.data = journal;
	uv_timer_start(&journal->timer, run_journal_tick, FLUSH_MS, FLUSH_MS);
	uv_unref((uv_handle_t *)&journal->timer); /* the run ends without it */
	return 0;
}

int run_journal_end(struct run_journal *journal, int status, struct err *err)
{
	struct journal *at = journal->at;

	journal->at = NULL;
	if (at)
		uv_timer_stop(&journal->timer);
	return at ? journal_end(at, status, err) : 0;
}
