/* lock show and lock break: who deploys to a server, and taking that away from a console that is
 * gone. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/deploy.h"
#include "lib/flow/record.h"

#define COMMAND "mroom deploy lock"

static const struct out_column columns[] = {{"id", OUT_TEXT, false},
					    {"state", OUT_TEXT, false},
					    {"owner", OUT_TEXT, false},
					    {"seconds", OUT_INT, false}};

struct lock {
	const char *word; /* show, break */
	struct frame frame;
	const char *id;
};

static int lock_deed_args(void *ctx, const struct server *server, struct list *args,
			  struct err *err)
{
	const struct lock *lock = ctx;

	(void)server;
	(void)err;
	list_add(args, lock->word);
	return 0;
}

static int lock_row(void *ctx, const struct record *record, struct err *err)
{
	struct lock *lock = ctx;
	const char *values[4] = {lock->id};

	(void)err;
	for (size_t i = 0; i < 3 && i < record->count; i++)
		values[i + 1] = record->fields[i].len > 0 ? record->fields[i].at : NULL;
	out_row(lock->frame.out, values);
	return 0;
}

static void lock_deed_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct lock *lock = ctx;
	struct record_reader *reader = record_reader_create("server", 3, lock_row, lock);
	struct err err = ERR_INIT;

	lock->id = answer->server->id;
	if (result->outcome == OUTCOME_OK &&
	    !record_feed(reader, answer->out.at, answer->out.len, &err))
		record_end(reader, &err);
	record_reader_destroy(reader);
}

static const struct deed lock_deed = {
    .script = "deploy-lock.sh", .args = lock_deed_args, .done = lock_deed_done};

static int lock_go(void *ctx, char **operands, size_t count, struct err *err)
{
	struct lock *lock = ctx;
	bool breaks = count > 0 && !strcmp(operands[0], "break");

	if (!breaks && (count == 0 || strcmp(operands[0], "show") != 0))
		return err_set(err, STATUS_USAGE, "show or break is missing"), STATUS_USAGE;
	lock->word = operands[0];
	return frame_deed(&lock->frame, &lock_deed, lock, breaks ? "lock break" : "lock show",
			  false, operands + 1, count - 1, err);
}

int deploy_lock(int argc, char **argv)
{
	static const char *const examples[] = {"mroom deploy lock show @production",
					       "mroom deploy lock break web-07", NULL};
	struct lock lock = {.word = NULL};
	const struct frame_spec spec = {
	    .command = COMMAND,
	    .args = "show|break [TARGETS]",
	    .about = "Shows who deploys to servers, or takes their leases away.",
	    .complete = "show|break targets",
	    .examples = examples,
	    .columns = columns,
	    .column_count = 4,
	    .go = lock_go,
	    .ctx = &lock,
	};

	return frame_main(&lock.frame, &spec, argc, argv);
}
