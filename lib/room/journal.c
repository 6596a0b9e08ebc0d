#include "lib/room/journal.h"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"

#define BATCH 200
#define BATCH_MS 1000

struct journal {
	struct store *store;
	int64_t run;
	struct result_row *rows; /* BATCH of them; their texts are owned */
	size_t count;
	int64_t oldest; /* on the monotonic clock: when the first of them came */
};

/* Who sits at the console: under sudo the one who called it. */
static char *journal_user(void)
{
	const char *login = getenv("SUDO_USER");
	const struct passwd *entry = getpwuid(getuid());

	if (login && *login && !getuid())
		return mem_text(login);
	if (entry)
		return mem_text(entry->pw_name);
	return mem_format("%ld", (long)getuid());
}

/* What tells terminal sessions apart: the session leader and its terminal; "" without a terminal.
 */
static char *journal_session(void)
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

struct journal *journal_begin(struct store *store, const char *tool, const char *command,
			      struct err *err)
{
	char *user = journal_user();
	char *session = journal_session();
	const struct run_row row = {tool, command, user, session, clock_wall_ms()};
	struct journal *journal = NULL;
	int64_t run = 0;

	if (!store_run_begin(store, &row, &run, err)) {
		journal = mem_zero(1, sizeof(*journal));
		journal->store = store;
		journal->run = run;
		journal->rows = mem_zero(BATCH, sizeof(*journal->rows));
	}
	free(user);
	free(session);
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

int journal_flush(struct journal *journal, struct err *err)
{
	int result =
	    store_run_results(journal->store, journal->run, journal->rows, journal->count, err);

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
	copy->message = mem_text(row->message);
	copy->outcome = mem_text(row->outcome);
	journal->count++;
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
	free(journal->rows);
	free(journal);
	return result;
}
