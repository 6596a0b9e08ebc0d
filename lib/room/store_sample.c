#include "lib/room/store_sample.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/points.h"
#include "lib/room/store_db.h"

#define HOUR 3600
#define DAY 86400
#define KEEP_MOMENTS (7 * DAY)
#define KEEP_HOURS (90 * DAY)

/* A server may invent metrics (mount points, control groups); the table shall not grow for ever. */
#define METRICS_MAX 50000

/* Of a full table the name goes that was not measured for longest, but none that moments may refer
 * to. Hours and days may: what they hold of it has no name then. A row is not to be used again, or
 * they would tell it of the next name; SQLite gives out the one behind the highest: that stays. */
static int make_room(struct store *store, int64_t at, struct err *err)
{
	int64_t count = 0;

	if (store_number(store, &count, err, "SELECT count(*) FROM metric", "") < 0)
		return -1;
	if (count < METRICS_MAX)
		return 1;
	if (store_exec(store, err,
		       "DELETE FROM metric WHERE row = (SELECT row FROM metric WHERE seen < ?1 "
		       "AND row < (SELECT max(row) FROM metric) ORDER BY seen LIMIT 1)",
		       "i", at - KEEP_MOMENTS - DAY))
		return -1;
	return sqlite3_changes(store->db);
}

/* 1 and the metric's row; 0 when there is no room for a new one; -1. */
static int metric_row(struct store *store, const char *name, int64_t at, int64_t *row,
		      struct err *err)
{
	int found =
	    store_number(store, row, err, "SELECT row FROM metric WHERE name = ?1", "t", name);

	if (found == 1 &&
	    store_exec(store, err, "UPDATE metric SET seen = ?2 WHERE row = ?1 AND seen <= ?3",
		       "iii", *row, at, at - DAY))
		return -1;
	if (found)
		return found;
	found = make_room(store, at, err);
	if (found < 1)
		return found;
	if (store_exec(store, err, "INSERT INTO metric (name, seen) VALUES (?1, ?2)", "ti", name,
		       at))
		return -1;
	*row = sqlite3_last_insert_rowid(store->db);
	return 1;
}

static int write_points(struct store *store, int64_t server, enum span span, int64_t at,
			const struct points *points, struct err *err)
{
	struct buf packed = BUF_INIT;
	int result;

	points_pack(points, &packed);
	result = store_exec(store, err,
			    "INSERT OR REPLACE INTO sample (server, span, at, points) "
			    "VALUES (?1, ?2, ?3, ?4)",
			    "iiib", server, (int64_t)span, at, (const void *)packed.at, packed.len);
	buf_finish(&packed);
	return result;
}

/* Merges the finer samples of [from, until) into coarser ones of `length` seconds. */
static int merge(struct store *store, int64_t server, enum span span, int64_t from, int64_t until,
		 int64_t length, struct err *err)
{
	static const char sql[] = "SELECT at, points FROM sample "
				  "WHERE server = ?1 AND span = ?2 AND at >= ?3 AND at < ?4 "
				  "ORDER BY at";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	struct points points = {NULL, 0, 0};
	int64_t at = -1;
	int found;

	if (!statement)
		return -1;
	store_bind(statement, "iiii", server, (int64_t)span - 1, from, until);
	while ((found = store_step(store, statement, err)) == 1) {
		int64_t start = sqlite3_column_int64(statement, 0) / length * length;

		if (start != at && points.count &&
		    write_points(store, server, span, at, &points, err)) {
			found = -1;
			break;
		}
		if (start != at)
			points_clear(&points);
		at = start;
		points_unpack(&points, sqlite3_column_blob(statement, 1),
			      (size_t)sqlite3_column_bytes(statement, 1));
	}
	store_reset(statement);
	if (!found && points.count)
		found = write_points(store, server, span, at, &points, err);
	points_finish(&points);
	return found;
}

/* Makes the coarser samples that are complete by now and not made yet; drops the finer ones that
 * are older than `keep`. */
static int roll(struct store *store, int64_t server, enum span span, int64_t now, int64_t length,
		int64_t keep, struct err *err)
{
	int64_t last = 0;

	if (store_number(store, &last, err,
			 "SELECT max(at) FROM sample WHERE server = ?1 AND span = ?2", "ii", server,
			 (int64_t)span) < 0 ||
	    merge(store, server, span, last ? last + length : 0, now / length * length, length,
		  err))
		return -1;
	return store_exec(store, err,
			  "DELETE FROM sample WHERE server = ?1 AND span = ?2 AND at < ?3", "iii",
			  server, (int64_t)span - 1, now - keep);
}

int store_sample_add(struct store *store, const char *id, int64_t at, int64_t every,
		     const struct sample *samples, size_t count, struct err *err)
{
	struct points points = {NULL, 0, 0};
	int64_t server;
	int result =
	    store_number(store, &server, err, "SELECT row FROM server WHERE id = ?1", "t", id);

	if (result < 1)
		return result;
	result = -1;
	for (size_t i = 0; i < count && points.count < SAMPLE_METRICS_MAX; i++) {
		struct point point = {0, samples[i].value, samples[i].value, samples[i].value, 1};
		int known = metric_row(store, samples[i].metric, at, &point.metric, err);

		if (known < 0)
			goto out;
		if (known)
			points_merge(&points, &point);
	}
	if (points.count &&
	    write_points(store, server, SPAN_MOMENT, at / every * every, &points, err))
		goto out;
	if (roll(store, server, SPAN_HOUR, at, HOUR, KEEP_MOMENTS, err) ||
	    roll(store, server, SPAN_DAY, at, DAY, KEEP_HOURS, err))
		goto out;
	result = 0;
out:
	points_finish(&points);
	return result;
}

/* Hands out one row's points; names come from the metric table. */
static int hand_out(struct store *store, const struct points *points, int64_t wanted,
		    struct sample_row *row, sample_fn *fn, void *ctx, struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < points->count && !result; i++) {
		const struct point *point = &points->at[i];
		sqlite3_stmt *name;

		if (wanted && point->metric != wanted)
			continue;
		name = store_prepare(store, "SELECT name FROM metric WHERE row = ?1", err);
		if (!name)
			return -1;
		store_bind(name, "i", point->metric);
		result = store_step(store, name, err);
		if (result == 1) {
			row->metric = store_column(name, 0);
			row->low = point->low;
			row->mean = point->mean;
			row->high = point->high;
			result = fn(ctx, row, err);
		}
		store_reset(name);
	}
	return result;
}

int store_sample_each(struct store *store, const char *id, const char *metric, int64_t from,
		      sample_fn *fn, void *ctx, struct err *err)
{
	/* A coarse sample counts up to where the finer ones begin. */
	static const char sql[] =
	    "WITH own AS (SELECT row FROM server WHERE id = ?1), "
	    "begin AS (SELECT "
	    "(SELECT min(at) FROM sample, own WHERE server = own.row AND span = 0) AS moments, "
	    "(SELECT min(at) FROM sample, own WHERE server = own.row AND span = 1) AS hours) "
	    "SELECT span, at, points FROM sample, own, begin WHERE server = own.row AND at >= ?2 "
	    "AND (span = 0 OR (span = 1 AND at + 3600 <= coalesce(moments, at + 3600)) "
	    "OR (span = 2 AND at + 86400 <= coalesce(hours, moments, at + 86400))) "
	    "ORDER BY span DESC, at";
	sqlite3_stmt *statement;
	struct points points = {NULL, 0, 0};
	int64_t wanted = 0;
	int result;

	if (metric) {
		result = store_number(store, &wanted, err, "SELECT row FROM metric WHERE name = ?1",
				      "t", metric);
		if (result < 1)
			return result;
	}
	statement = store_prepare(store, sql, err);
	if (!statement)
		return -1;
	store_bind(statement, "ti", id, from);
	while ((result = store_step(store, statement, err)) == 1) {
		struct sample_row row = {.span = (enum span)sqlite3_column_int(statement, 0),
					 .at = sqlite3_column_int64(statement, 1)};

		points_clear(&points);
		points_unpack(&points, sqlite3_column_blob(statement, 2),
			      (size_t)sqlite3_column_bytes(statement, 2));
		if (hand_out(store, &points, wanted, &row, fn, ctx, err)) {
			result = -1;
			break;
		}
	}
	store_reset(statement);
	points_finish(&points);
	return result;
}
