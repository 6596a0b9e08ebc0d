#include "lib/room/store_db.h"

int store_run_begin(struct store *store, const struct run_row *row, int64_t *run, struct err *err)
{
	if (store_exec(store, err,
		       "INSERT INTO run (tool, command, user, session, started_at, output) "
		       "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		       "ttttit", row->tool, row->command, row->user, row->session, row->started_ms,
		       row->output))
		return -1;
	*run = sqlite3_last_insert_rowid(store->db);
	return 0;
}

/* A server that is reported again has its earlier result replaced: the last word counts. */
static int result_write(struct store *store, int64_t run, const struct result_row *row,
			struct err *err)
{
	static const char sql[] =
	    "INSERT INTO result (run, server, outcome, reason, message, exit_status, started_at, "
	    "duration) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
	    "ON CONFLICT (run, server) DO UPDATE SET outcome = excluded.outcome, "
	    "reason = excluded.reason, message = excluded.message, "
	    "exit_status = excluded.exit_status, started_at = excluded.started_at, "
	    "duration = excluded.duration";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "ittttiii", run, row->server, row->outcome, row->reason, row->message,
		   (int64_t)row->exit_status, row->started_ms, row->duration_ms);
	if (row->exit_status < 0)
		sqlite3_bind_null(statement, 6);
	result = store_step(store, statement, err);
	store_reset(statement);
	return result;
}

int store_run_results(struct store *store, int64_t run, const struct result_row *rows, size_t count,
		      struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (result_write(store, run, &rows[i], err))
			return -1;
	return 0;
}

int store_run_end(struct store *store, int64_t run, int exit_status, int64_t ended_ms,
		  struct err *err)
{
	return store_exec(store, err,
			  "UPDATE run SET ended_at = ?2, exit_status = ?3 WHERE run = ?1", "iii",
			  run, ended_ms, (int64_t)exit_status);
}

int store_run_last_start(struct store *store, int64_t *started_ms, struct err *err)
{
	return store_number(store, started_ms, err,
			    "SELECT started_at FROM run ORDER BY started_at DESC LIMIT 1", "");
}
