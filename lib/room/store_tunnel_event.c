#include "lib/base/num.h"
#include "lib/room/store_db.h"
#include "lib/room/store_tunnel.h"

/* Events kept of a tunnel; older ones go when one is added. */
#define EVENTS_KEPT 1000

int store_tunnel_event(struct store *store, const char *name, const char *state, const char *reason,
		       struct err *err)
{
	if (store_begin(store, err))
		return -1;
	if (store_exec(
		store, err,
		"INSERT INTO tunnel_event (tunnel, at, state, reason) VALUES (?1, ?2, ?3, ?4)",
		"titt", name, clock_wall_ms(), state, reason) ||
	    store_exec(store, err,
		       "DELETE FROM tunnel_event WHERE tunnel = ?1 AND row <= (SELECT row FROM "
		       "tunnel_event WHERE tunnel = ?1 ORDER BY row DESC LIMIT 1 OFFSET ?2)",
		       "ti", name, (int64_t)EVENTS_KEPT)) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, err);
}

int store_tunnel_events(struct store *store, const char *name, long limit, tunnel_event_fn *fn,
			void *ctx, struct err *err)
{
	static const char sql[] =
	    "SELECT tunnel, state, reason, at FROM (SELECT * FROM tunnel_event WHERE ?1 IS NULL OR "
	    "tunnel = ?1 ORDER BY row DESC LIMIT ?2) ORDER BY row";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "ti", name, (int64_t)limit);
	while ((result = store_step(store, statement, err)) == 1) {
		const struct tunnel_event event = {
		    .tunnel = store_column(statement, 0),
		    .state = store_column(statement, 1),
		    .reason = store_column(statement, 2),
		    .at = sqlite3_column_int64(statement, 3),
		};

		fn(ctx, &event);
	}
	store_reset(statement);
	return result;
}
