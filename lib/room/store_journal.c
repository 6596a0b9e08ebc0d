#include "lib/room/store_journal.h"

#include "lib/base/num.h"
#include "lib/room/store_db.h"

/* So many runs are forgotten in one transaction: others wait no longer than for that. */
#define PRUNE_PIECE 50

static int64_t column_or(sqlite3_stmt *statement, int column, int64_t otherwise)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL
		   ? otherwise
		   : sqlite3_column_int64(statement, column);
}

static int64_t limit_of(int64_t limit)
{
	return limit ? limit : -1;
}

int store_run_each(struct store *store, const struct run_query *query, run_fn *fn, void *ctx,
		   struct err *err)
{
	static const char sql[] =
	    "SELECT run, tool, command, user, started_at, ended_at, exit_status, "
	    "(SELECT count(*) FROM result WHERE result.run = run.run), "
	    "(SELECT count(*) FROM result WHERE result.run = run.run AND outcome = 'ok') "
	    "FROM run WHERE run BETWEEN ?1 AND ?2 AND (?3 IS NULL OR tool = ?3) "
	    "AND started_at >= ?4 AND (NOT ?5 OR exit_status IS NOT 0) ORDER BY run DESC LIMIT ?6";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "iitiii", query->run, query->run ? query->run : INT64_MAX,
		   query->tool, query->since, (int64_t)query->not_ok, limit_of(query->limit));
	while ((result = store_step(store, statement, err)) == 1) {
		const struct run_info info = {
		    .run = sqlite3_column_int64(statement, 0),
		    .tool = store_column(statement, 1),
		    .command = store_column(statement, 2),
		    .user = store_column(statement, 3),
		    .started_at = sqlite3_column_int64(statement, 4),
		    .ended_at = column_or(statement, 5, -1),
		    .exit_status = (int)column_or(statement, 6, -1),
		    .servers = sqlite3_column_int64(statement, 7),
		    .ok = sqlite3_column_int64(statement, 8),
		};

		if (fn(ctx, &info, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	return result;
}

int store_run_back(struct store *store, int64_t back, int64_t *run, struct err *err)
{
	return store_number(store, run, err,
			    "SELECT run FROM run ORDER BY run DESC LIMIT 1 OFFSET ?1", "i", back);
}

int store_run_open(struct store *store, int64_t since, int64_t *run, struct err *err)
{
	return store_number(store, run, err,
			    "SELECT coalesce((SELECT min(run) FROM run WHERE started_at >= ?1 "
			    "AND ended_at IS NULL), (SELECT max(run) + 1 FROM run), 1)",
			    "i", since) < 0
		   ? -1
		   : 0;
}

#define RESULTS                                                                               \
	"SELECT r.run, n.tool, n.command, n.user, r.server, r.outcome, r.reason, r.message, " \
	"r.exit_status, r.started_at, r.duration FROM run n JOIN result r ON r.run = n.run "  \
	"WHERE r.run BETWEEN ?1 AND ?2 AND (?3 IS NULL OR r.server = ?3) "                    \
	"AND n.started_at >= ?4 AND (NOT ?5 OR r.outcome <> 'ok') "

static const char *result_sql(enum result_order order)
{
	static const char ended[] = RESULTS "ORDER BY r.run, r.started_at + r.duration, r.server "
					    "LIMIT ?6";
	static const char newest[] = RESULTS "ORDER BY r.run DESC, r.server LIMIT ?6";
	static const char slowest[] = RESULTS "ORDER BY r.duration DESC, r.run, r.server LIMIT ?6";

	static const char last[] =
	    "SELECT * FROM (" RESULTS "ORDER BY r.run DESC, r.started_at + r.duration DESC, "
	    "r.server DESC LIMIT ?6) ORDER BY run, started_at + duration, server";

	switch (order) {
	case RESULT_AS_ENDED:
		return ended;
	case RESULT_NEWEST_FIRST:
		return newest;
	case RESULT_NEWEST_LAST:
		return last;
	case RESULT_SLOWEST_FIRST:
		break;
	}
	return slowest;
}

static struct result_info result_view(sqlite3_stmt *statement)
{
	return (struct result_info){
	    .run = sqlite3_column_int64(statement, 0),
	    .tool = store_column(statement, 1),
	    .command = store_column(statement, 2),
	    .user = store_column(statement, 3),
	    .row = {.server = store_column(statement, 4),
		    .outcome = store_column(statement, 5),
		    .reason = store_column(statement, 6),
		    .message = store_column(statement, 7),
		    .exit_status = (int)column_or(statement, 8, -1),
		    .started_ms = sqlite3_column_int64(statement, 9),
		    .duration_ms = sqlite3_column_int64(statement, 10)},
	};
}

int store_result_each(struct store *store, const struct result_query *query, result_fn *fn,
		      void *ctx, struct err *err)
{
	sqlite3_stmt *statement = store_prepare(store, result_sql(query->order), err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "iitiii", query->run ? query->run : query->from,
		   query->run ? query->run : INT64_MAX, query->server, query->since,
		   (int64_t)query->not_ok, limit_of(query->limit));
	while ((result = store_step(store, statement, err)) == 1) {
		const struct result_info info = result_view(statement);

		if (fn(ctx, &info, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	return result;
}

/* Whether a run kept any: one of an older schema does not say, but its rows do. */
#define KEPT(RUN)                                                                                \
	"coalesce((SELECT output <> 'none' FROM run WHERE run = " RUN "), "                      \
	"EXISTS (SELECT 1 FROM output WHERE run = " RUN "))"

/* The hashes of a server's streams in a run, as one text; null where none are kept. */
#define HASHES(RUN)                                                                        \
	"(SELECT group_concat(stream || hex(hash)) FROM (SELECT stream, hash FROM output " \
	"WHERE run = " RUN " AND server = k.server ORDER BY stream))"

int store_result_diff(struct store *store, int64_t before, int64_t after, change_fn *fn, void *ctx,
		      struct err *err)
{
	/* A server that said nothing has no hash: that counts where both runs kept some. */
	static const char sql[] =
	    "WITH both AS (SELECT " KEPT("?1") " AND " KEPT("?2") " AS kept), "
	    "pair AS (SELECT k.server AS server, a.outcome AS a_outcome, "
	    "a.exit_status AS a_status, b.outcome AS b_outcome, b.exit_status AS b_status, "
	    HASHES("?1") " AS a_hash, " HASHES("?2") " AS b_hash FROM "
	    "(SELECT DISTINCT server FROM result WHERE run IN (?1, ?2)) k "
	    "LEFT JOIN result a ON a.run = ?1 AND a.server = k.server "
	    "LEFT JOIN result b ON b.run = ?2 AND b.server = k.server) "
	    "SELECT server, a_outcome, a_status, b_outcome, b_status, "
	    "kept AND (a_hash IS NOT NULL OR b_hash IS NOT NULL), "
	    "kept AND a_hash IS NOT b_hash FROM pair, both "
	    "WHERE a_outcome IS NOT b_outcome OR a_status IS NOT b_status "
	    "OR (kept AND a_hash IS NOT b_hash) ORDER BY server";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "ii", before, after);
	while ((result = store_step(store, statement, err)) == 1) {
		const struct result_change change = {
		    store_column(statement, 0),
		    store_column(statement, 1),
		    store_column(statement, 3),
		    (int)column_or(statement, 2, -1),
		    (int)column_or(statement, 4, -1),
		    sqlite3_column_int(statement, 5) != 0,
		    sqlite3_column_int(statement, 6) != 0,
		};

		if (fn(ctx, &change, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	return result;
}

int store_run_prune(struct store *store, int64_t before, int64_t *runs, struct err *err)
{
	int changed;

	*runs = 0;
	do {
		if (store_exec(store, err,
			       "DELETE FROM run WHERE run IN "
			       "(SELECT run FROM run WHERE started_at < ?1 AND "
			       "(ended_at IS NOT NULL OR started_at < ?3) LIMIT ?2)",
			       "iii", before, (int64_t)PRUNE_PIECE,
			       clock_wall_ms() - RUN_OPEN_MOST_MS))
			return -1;
		changed = sqlite3_changes(store->db);
		*runs += changed;
	} while (changed);
	return 0;
}
