#include "lib/room/journal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/actor.h"
#include "lib/room/journal_log.h"
#include "lib/room/journal_output.h"
#include "lib/room/redact.h"

#define BATCH 200
#define BATCH_MS 1000

struct journal {
	struct store *store;
	int64_t run;
	struct result_row *rows; /* BATCH of them; their texts are owned */
	size_t count;
	int64_t oldest; /* on the monotonic clock: when the first of them came */
	struct redact *redact;
	struct journal_output *output;
	struct journal_log *log;
};

/* What tells terminal sessions apart: the session leader and its terminal; "" without a terminal.
 */
char *journal_session(void)
{
	int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	const char *name = NULL;

	if (tty < 0)
		return mem_text("");
	close(tty);
	for (int fd = 0; fd < 3 && !name; fd++)
		name = ttyname(fd);
	return mem_format("%ld %s", (long)getsid(0), name ? name : "/dev/tty");
}

/* A text without what must not be written down; malloc'ed, NULL for NULL. */
static char *journal_clean(const struct journal *journal, const char *text)
{
	struct buf clean = BUF_INIT;

	if (!text)
		return NULL;
	redact_add(journal->redact, &clean, text, strlen(text));
	return buf_detach(&clean);
}

static int journal_prepare(struct journal *journal, const struct journal_args *args,
			   struct err *err)
{
	const struct config *config = args->console->config;
	struct list patterns = LIST_INIT;

	if (config)
		config_list(config, "journal", "redact", &patterns);
	journal->redact = redact_create(&patterns, err);
	list_finish(&patterns);
	if (!journal->redact || journal_log_open(&journal->log, config, args->log_file, err))
		return -1;
	journal->output = journal_output_create(config, journal->redact);
	journal->rows = mem_zero(BATCH, sizeof(*journal->rows));
	return 0;
}

static void journal_free(struct journal *journal)
{
	journal_log_close(journal->log);
	journal_output_destroy(journal->output);
	redact_destroy(journal->redact);
	free(journal->rows);
	free(journal);
}

static int journal_write_begin(struct journal *journal, const struct journal_args *args,
			       struct err *err)
{
	char *user = actor_user();
	char *session = journal_session();
	char *command = journal_clean(journal, args->command);
	const struct run_row row = {args->tool, command, user, session, clock_wall_ms(),
				    journal_output_how(args->console->config)};
	int result = store_run_begin(journal->store, &row, &journal->run, err);

	if (!result)
		result = journal_log_begin(journal->log, journal->run, &row, err);
	free(user);
	free(session);
	free(command);
	return result;
}

struct journal *journal_begin(const struct journal_args *args, struct err *err)
{
	struct journal *journal = mem_zero(1, sizeof(*journal));

	journal->store = args->console->store;
	if (journal_prepare(journal, args, err) || journal_write_begin(journal, args, err)) {
		journal_free(journal);
		return NULL;
	}
	return journal;
}

int64_t journal_run(const struct journal *journal)
{
	return journal->run;
}

static void journal_forget(struct journal *journal)
{
	for (size_t i = 0; i < journal->count; i++) {
		free((char *)(uintptr_t)journal->rows[i].server);
		free((char *)(uintptr_t)journal->rows[i].reason);
		free((char *)(uintptr_t)journal->rows[i].message);
		free((char *)(uintptr_t)journal->rows[i].outcome);
	}
	journal->count = 0;
}

/* Results and output in one transaction. */
static int journal_write(struct journal *journal, struct err *err)
{
	struct store *store = journal->store;

	if (store_begin(store, err))
		return -1;
	if (store_run_results(store, journal->run, journal->rows, journal->count, err) ||
	    journal_output_write(journal->output, store, journal->run, err)) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, err);
}

void journal_output(struct journal *journal, const char *server, bool is_err, const char *bytes,
		    size_t count)
{
	if (journal)
		journal_output_add(journal->output, server, is_err, bytes, count);
}

int journal_flush(struct journal *journal, struct err *err)
{
	int result = 0;

	if (journal->count)
		result = journal_write(journal, err);
	journal_forget(journal);
	return result ? err_prefix(err, "journal") : 0;
}

int journal_result(struct journal *journal, const struct result_row *row, struct err *err)
{
	struct result_row *copy = &journal->rows[journal->count];
	int64_t now = clock_mono_ms();

	if (!journal->count)
		journal->oldest = now;
	*copy = *row;
	copy->server = mem_text(row->server);
	copy->reason = mem_text(row->reason);
	copy->message = journal_clean(journal, row->message);
	copy->outcome = mem_text(row->outcome);
	journal->count++;
	journal_output_done(journal->output, row->server);
	if (journal_log_result(journal->log, journal->run, copy, err))
		return -1;
	if (journal->count < BATCH && now - journal->oldest < BATCH_MS)
		return 0;
	return journal_flush(journal, err);
}

int journal_end(struct journal *journal, int exit_status, struct err *err)
{
	int result = journal_flush(journal, err);

	if (!result &&
	    store_run_end(journal->store, journal->run, exit_status, clock_wall_ms(), err))
		result = err_prefix(err, "journal");
	if (!result)
		result = journal_log_end(journal->log, journal->run, exit_status, err);
	journal_free(journal);
	return result;
}
