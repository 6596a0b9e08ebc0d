/* Targets from the journal: @failed and the other outcomes, of the newest run of this terminal
 * session; @run:N. */
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/room/journal.h"
#include "lib/room/outcome.h"
#include "lib/room/pick_words.h"
#include "lib/room/store_run_find.h"

/* Whoever reads must know which run it was before anything is done. */
static void note_run(struct pick_words *words, int64_t run, const char *title, size_t gone)
{
	if (!words->note)
		return;
	if (words->note->len > 0)
		buf_char(words->note, '\n');
	buf_format(words->note, "run %lld: ", (long long)run);
	quote_terminal(words->note, title, strlen(title), false);
	if (gone > 0)
		buf_format(words->note, " (%zu of its servers are known no more)", gone);
}

/* Servers that are retired, or gone, since then are not touched. */
static int take_servers(struct pick_words *words, const struct list *ids, size_t *gone,
			struct err *err)
{
	struct server server;

	for (size_t i = 0; i < ids->count; i++) {
		int found = pick_server(words->store, words->ssh, ids->at[i], &server, err);

		if (found < 0)
			return -1;
		*gone += !found;
		if (!found)
			continue;
		if (!server.retired || words->retired || words->exclude)
			pick_words_take(words, &server);
		server_finish(&server);
	}
	return 0;
}

static int take_run(struct pick_words *words, int64_t run, const char *outcome, struct err *err)
{
	struct list ids = LIST_INIT;
	char *title = NULL;
	size_t gone = 0;
	int found = store_run_title(words->store, run, &title, err), result = -1;

	if (!found)
		err_set(err, STATUS_USAGE, "there is no run %lld (see: mroom log)", (long long)run);
	if (found == 1 && !store_run_servers(words->store, run, outcome, &ids, err))
		result = take_servers(words, &ids, &gone, err);
	if (!result)
		note_run(words, run, title, gone);
	list_finish(&ids);
	free(title);
	return result;
}

/* N, or N:OUTCOME */
static int take_numbered(struct pick_words *words, const char *text, struct err *err)
{
	char *number = mem_text(text), *colon = strchr(number, ':');
	enum outcome outcome;
	long run;
	int result;

	if (colon)
		*colon++ = '\0';
	if (num_parse(number, 1, 1000000000000, &run, err))
		result = err_set(err, STATUS_USAGE, "'@run:%s': the number of a run is due", text);
	else if (colon && !outcome_parse(colon, &outcome))
		result = err_set(err, STATUS_USAGE, "'@run:%s': '%s' is no outcome", text, colon);
	else
		result = take_run(words, run, colon, err);
	free(number);
	return result;
}

static int take_newest(struct pick_words *words, const char *outcome, struct err *err)
{
	char *session = journal_session();
	int64_t run = 0;
	int found = store_run_newest(words->store, session, &run, err);

	free(session);
	if (!found)
		return err_set(
		    err, STATUS_USAGE,
		    "@%s: no run of this terminal session has ended yet (name one: @run:N:%s)",
		    outcome, outcome);
	return found < 0 ? -1 : take_run(words, run, outcome, err);
}

int pick_run(struct pick_words *words, const char *name, struct err *err)
{
	enum outcome outcome;
	int result;

	if (!strncmp(name, "run:", 4))
		result = take_numbered(words, name + 4, err);
	else if (outcome_parse(name, &outcome))
		result = take_newest(words, name, err);
	else
		return 0;
	return result ? -1 : 1;
}
