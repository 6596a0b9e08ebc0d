/*
 * Samples of what checks measured: each value for 7 days, low, mean and high of every hour for 90
 * days, of every day for ever. Adding a sample makes hours and days of what is complete and removes
 * what is old, so that the store grows by a few bytes a day and server, whatever happens. Names of
 * metrics are 50000 at most: then new ones take the place of those not measured for longest.
 */
#ifndef MROOM_ROOM_STORE_SAMPLE_H
#define MROOM_ROOM_STORE_SAMPLE_H

#include <stdint.h>

#include "lib/room/store.h"

enum span { SPAN_MOMENT, SPAN_HOUR, SPAN_DAY };

/* More metrics of one server than this are not kept. */
#define SAMPLE_METRICS_MAX 64

struct sample {
	const char *metric; /* "disk:/" */
	double value;
};

/* Adds what was measured at a time (seconds since the epoch). Of samples within the same `every`
 * seconds the last is kept. Part of the transaction that is open. A server that is not in the store
 * has none. */
int store_sample_add(struct store *store, const char *id, int64_t at, int64_t every,
		     const struct sample *samples, size_t count, struct err *err);

struct sample_row {
	const char *metric;
	enum span span;
	int64_t at; /* seconds since the epoch: the beginning */
	double low, mean, high;
};

/* Calls fn for the samples of a server since `from`: days first, then hours, then moments, each by
 * time; a day does not repeat what hours tell of, nor an hour what moments do. metric: only that
 * one, or NULL. fn returning -1 (err set) stops. */
typedef int sample_fn(void *ctx, const struct sample_row *row, struct err *err);
int store_sample_each(struct store *store, const char *id, const char *metric, int64_t from,
		      sample_fn *fn, void *ctx, struct err *err);

#endif
