/*
 * Samples: packing, hours and days, what is dropped.
 *
 * sample year DIR SERVERS: makes a home with a year of samples of that many servers
 * (health-history.bats).
 */
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/points.h"
#include "lib/room/store_sample.h"
#include "tests/unit/tap.h"

#define DAY 86400

/* --- packing --- */

static void test_points(void)
{
	static const double values[] = {0, 1, -1, 0.333333343, 91.2, 1e9, -1e-9, 12345678};
	struct points points = {NULL, 0, 0}, back = {NULL, 0, 0};
	struct buf packed = BUF_INIT;
	bool same = true, around = true;

	for (size_t i = 0; i < 8; i++) {
		struct point point = {(int64_t)(i * 1000 + 1), values[i], values[i], values[i], 1};

		points_merge(&points, &point);
		if (i % 2) {
			point.mean = point.low = point.high = values[i] + 3.21;
			points_merge(&points, &point);
		}
	}
	points_pack(&points, &packed);
	points_unpack(&back, packed.at, packed.len);
	tap_int((long long)back.count, 8, "all metrics come back");
	for (size_t i = 0; i < back.count; i++) {
		const struct point *was = &points.at[i], *is = &back.at[i];

		same = same && is->metric == was->metric && (float)is->mean == (float)was->mean;
		around = around && is->low <= (double)(float)was->low &&
			 is->high >= (double)(float)was->high;
	}
	tap_ok(same, "with their means");
	tap_ok(around, "low and high are rounded outwards");
	for (size_t cut = 0; cut < packed.len; cut++) {
		points_clear(&back);
		points_unpack(&back, packed.at, cut);
	}
	tap_ok(back.count == 7, "a form that is cut short gives what is whole");
	points_finish(&points);
	points_finish(&back);
	buf_finish(&packed);
}

/* --- the store --- */

static struct store *open_store(const char *dir, long servers)
{
	struct home home = {(char *)dir, NULL, getenv("MROOM_SHARE")};
	struct buf roster = BUF_INIT;
	struct import_args args = {.room = "lab"};
	struct import_report report = IMPORT_REPORT_INIT;
	struct err err = ERR_INIT;
	struct store *store;
	struct roster *read;

	for (long i = 1; i <= servers; i++)
		buf_format(&roster, "web-%03ld--10.0.0.1--root\n", i);
	store = store_open(&home, &err);
	read = roster_parse("lab", roster.at, roster.len);
	if (!store || store_import(store, NULL, read, &args, &report, &err))
		printf("# %s\n", err.text);
	roster_destroy(read);
	import_report_finish(&report);
	buf_finish(&roster);
	return store;
}

struct seen {
	long count[3];
	int64_t last;
	double low, high, mean;
	bool ordered;
};

static int see(void *ctx, const struct sample_row *row, struct err *err)
{
	struct seen *seen = ctx;

	(void)err;
	seen->ordered = seen->ordered && row->at > seen->last;
	seen->last = row->at;
	if (!seen->count[row->span]++ && row->span == SPAN_DAY) {
		seen->low = row->low;
		seen->mean = row->mean;
		seen->high = row->high;
	}
	return 0;
}

static int find(void *ctx, const struct sample_row *row, struct err *err)
{
	(void)err;
	*(bool *)ctx = *(bool *)ctx || row->mean == 4711;
	return 0;
}

static bool is_kept(struct store *store, const char *name, int64_t at)
{
	struct sample sample = {name, 4711};
	struct err err = ERR_INIT;
	bool kept = false;

	store_sample_add(store, "web-001", at, 300, &sample, 1, &err);
	store_sample_each(store, "web-001", name, 0, find, &kept, &err);
	return kept && err.status == STATUS_OK;
}

/* More names than there is room for, that come and go. */
static void test_names(struct store *store, int64_t at)
{
	char name[64][32];
	struct sample samples[64];
	struct seen seen = {.ordered = true};
	struct err err = ERR_INIT;

	store_begin(store, &err);
	for (int i = 0; i < 800; i++) {
		for (int j = 0; j < 64; j++) {
			snprintf(name[j], sizeof(name[j]), "cgroup:run-%d", i * 64 + j);
			samples[j] = (struct sample){name[j], 1};
		}
		store_sample_add(store, "web-002", at + (int64_t)i * 300, 300, samples, 64, &err);
	}
	store_commit(store, &err);
	tap_ok(!is_kept(store, "disk:/new", at + 4 * DAY), "a name too many is not kept");
	tap_ok(is_kept(store, "load1", at + 4 * DAY), "one that is known is");
	tap_ok(is_kept(store, "disk:/new", at + 11 * DAY),
	       "a new one takes the place of what nothing measured for a week");
	store_sample_each(store, "web-001", "load1", 0, see, &seen, &err);
	tap_ok(seen.count[SPAN_DAY] >= 9, "what is measured keeps its name");
	seen = (struct seen){.ordered = true};
	store_sample_each(store, "web-001", "disk:/new", 0, see, &seen, &err);
	tap_int(seen.count[SPAN_MOMENT] + seen.count[SPAN_HOUR] + seen.count[SPAN_DAY], 1,
		"and nothing of the old name's is the new one's");
}

static void test_store(const char *dir)
{
	struct store *store = open_store(dir, 2);
	struct seen seen = {.ordered = true};
	struct err err = ERR_INIT;
	int64_t start = 1000 * (int64_t)DAY, at = start;
	bool good = true;

	store_begin(store, &err);
	/* 100 days of a value that is the hour of the day, every half hour. */
	for (; at < start + 100 * (int64_t)DAY; at += 1800) {
		struct sample samples[] = {{"load1", (double)(at % DAY / 3600)}, {"disk:/", 5}};

		good = good && !store_sample_add(store, "web-001", at, 300, samples, 2, &err);
	}
	store_commit(store, &err);
	tap_ok(good, "samples are added");
	tap_ok(!store_sample_each(store, "web-001", "load1", 0, see, &seen, &err) && seen.ordered,
	       "days, hours and moments follow each other without overlap");
	tap_ok(seen.count[SPAN_MOMENT] <= 7 * 48 + 1 && seen.count[SPAN_MOMENT] > 6 * 48,
	       "moments of 7 days");
	tap_ok(seen.count[SPAN_HOUR] <= 83 * 24 + 1 && seen.count[SPAN_HOUR] > 82 * 24,
	       "hours of 83 more");
	tap_ok(seen.count[SPAN_DAY] >= 9 && seen.count[SPAN_DAY] <= 10, "days of the rest");
	tap_ok(seen.low == 0 && seen.high == 23 && seen.mean > 11.4 && seen.mean < 11.6,
	       "a day knows its lowest, mean and highest");
	seen = (struct seen){.ordered = true};
	store_sample_each(store, "web-001", NULL, at - DAY, see, &seen, &err);
	tap_int(seen.count[SPAN_MOMENT] + seen.count[SPAN_HOUR] + seen.count[SPAN_DAY], 96,
		"both metrics of the last day");
	seen = (struct seen){.ordered = true};
	tap_ok(!store_sample_each(store, "web-002", NULL, 0, see, &seen, &err) && !seen.count[0],
	       "others have none");
	tap_ok(!store_sample_add(store, "nosuch", at, 300, NULL, 0, &err),
	       "nor has a server that is not there");
	for (int i = 0; i < 3; i++) {
		struct sample sample = {"load1", i};

		store_sample_add(store, "web-002", at + i, 300, &sample, 1, &err);
	}
	store_sample_each(store, "web-002", NULL, 0, see, &seen, &err);
	tap_int(seen.count[SPAN_MOMENT], 1, "samples too near together are one");
	test_names(store, at);
	store_close(store);
}

/* --- a year --- */

static const char *const metrics[] = {
    "memory",	"swap",	       "load1",	    "load5",   "load15", "cpu",	  "disk:/", "disk:/var",
    "inodes:/", "inodes:/var", "processes", "zombies", "uptime", "clock", "ping",   "containers"};
#define METRICS (sizeof(metrics) / sizeof(*metrics))

/* What comes of a year of checks every five minutes: before the last week only hours, before the
 * last 90 days only days are left, so that fewer samples make the same there. */
static int year(const char *dir, long servers)
{
	struct store *store = open_store(dir, servers);
	int64_t end = clock_wall_ms() / 1000, step;
	struct err err = ERR_INIT;
	char id[32];

	for (int64_t at = end - 365 * (int64_t)DAY; at < end; at += step) {
		step = at < end - 91 * DAY ? DAY / 4 : at < end - 8 * DAY ? 1800 : 300;
		store_begin(store, &err);
		for (long i = 1; i <= servers; i++) {
			struct sample samples[METRICS];

			for (size_t j = 0; j < METRICS; j++)
				samples[j] =
				    (struct sample){metrics[j], (double)(random() % 10000) / 100};
			snprintf(id, sizeof(id), "web-%03ld", i);
			if (store_sample_add(store, id, at, 300, samples, METRICS, &err)) {
				printf("%s\n", err.text);
				return 1;
			}
		}
		store_commit(store, &err);
	}
	store_close(store);
	return 0;
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/mroom-sample.XXXXXX", *command;
	int result;

	if (argc == 4)
		return year(argv[2], strtol(argv[3], NULL, 10));
	test_points();
	if (!mkdtemp(dir))
		return 1;
	test_store(dir);
	command = mem_format("%s/mroom.db", dir);
	unlink(command);
	free(command);
	rmdir(dir);
	result = tap_done();
	return result;
}
