#include "lib/room/store_run_find.h"

#include "lib/room/store_db.h"

int store_run_newest(struct store *store, const char *session, int64_t *run, struct err *err)
{
	return store_number(store, run, err,
			    "SELECT run FROM run WHERE session = ?1 AND ended_at IS NOT NULL "
			    "ORDER BY run DESC LIMIT 1",
			    "t", session);
}

int store_run_title(struct store *store, int64_t run, char **title, struct err *err)
{
	return store_text(store, title, err,
			  "SELECT tool || ': ' || command FROM run WHERE run = ?1", "i", run);
}

int store_run_servers(struct store *store, int64_t run, const char *outcome, struct list *ids,
		      struct err *err)
{
	sqlite3_stmt *statement = store_prepare(store,
						"SELECT server FROM result WHERE run = ?1 AND "
						"(?2 IS NULL OR outcome = ?2) ORDER BY server",
						err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "it", run, outcome);
	while ((result = store_step(store, statement, err)) == 1)
		list_add(ids, store_column(statement, 0));
	store_reset(statement);
	list_sort(ids);
	return result;
}
