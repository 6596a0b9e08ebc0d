#include "lib/wire/tally.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/list.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/flow/range.h"

/* More kinds of trouble than this are shown by outcome alone. */
#define KINDS_SHOWN 20

/* Servers to which the same happened. */
struct kind {
	enum outcome outcome;
	char *message;
	struct list ids;
};

struct tally {
	size_t counts[OUTCOME_COUNT], total;
	int largest;
	struct map *kinds; /* "outcome:message" -> struct kind; ok ones are only counted */
};

struct tally *tally_create(void)
{
	struct tally *tally = mem_zero(1, sizeof(*tally));

	tally->kinds = map_create();
	return tally;
}

static void kind_free(struct kind *kind)
{
	free(kind->message);
	list_finish(&kind->ids);
	free(kind);
}

void tally_destroy(struct tally *tally)
{
	const char *key;
	void *value;
	size_t at = 0;

	if (!tally)
		return;
	while (map_next(tally->kinds, &at, &key, &value))
		kind_free(value);
	map_destroy(tally->kinds);
	free(tally);
}

void tally_add(struct tally *tally, const char *id, enum outcome outcome, const char *message,
	       int exit_status)
{
	struct kind *kind;
	char *key;

	tally->total++;
	tally->counts[outcome]++;
	if (exit_status > tally->largest)
		tally->largest = exit_status;
	if (outcome == OUTCOME_OK)
		return;
	key = mem_format("%d:%s", (int)outcome, message ? message : "");
	kind = map_get(tally->kinds, key);
	if (!kind) {
		kind = mem_zero(1, sizeof(*kind));
		kind->outcome = outcome;
		kind->message = mem_text(message ? message : "");
		map_set(tally->kinds, key, kind);
	}
	list_add(&kind->ids, id);
	free(key);
}

size_t tally_count(const struct tally *tally)
{
	return tally->total;
}

size_t tally_bad(const struct tally *tally)
{
	return tally->total - tally->counts[OUTCOME_OK];
}

int tally_status(const struct tally *tally, bool largest)
{
	enum status status = STATUS_OK;

	for (int i = 0; i < OUTCOME_COUNT; i++) {
		if (tally->counts[i] > 0)
			status = status_worst(status, outcome_status((enum outcome)i));
	}
	if (largest && (status == STATUS_OK || status == STATUS_FAILED) && tally->largest > 0)
		return tally->largest;
	return (int)status;
}

static void print_line(const struct list *ids, enum outcome outcome, const char *message, FILE *to)
{
	struct buf text = BUF_INIT, line = BUF_INIT;

	range_fold(&text, (const char *const *)ids->at, ids->count);
	buf_format(&text, ": %s%s%s", outcome_name(outcome), *message ? ": " : "", message);
	quote_terminal(&line, text.at, text.len, false);
	fprintf(to, "%s\n", line.at);
	buf_finish(&text);
	buf_finish(&line);
}

/* Every kind of one outcome; with `fold`, all of them in one line. */
static void print_outcome(const struct tally *tally, enum outcome outcome, bool fold, FILE *to)
{
	struct list all = LIST_INIT;
	const char *key;
	void *value;
	size_t at = 0, kinds = 0;

	while (map_next(tally->kinds, &at, &key, &value)) {
		const struct kind *kind = value;

		if (kind->outcome != outcome)
			continue;
		kinds++;
		if (!fold)
			print_line(&kind->ids, outcome, kind->message, to);
		for (size_t i = 0; fold && i < kind->ids.count; i++)
			list_add(&all, kind->ids.at[i]);
	}
	if (fold && kinds > 0) {
		char *text = mem_format("%zu different reasons", kinds);

		print_line(&all, outcome, text, to);
		free(text);
	}
	list_finish(&all);
}

void tally_print(const struct tally *tally, int64_t duration_ms, bool quiet, FILE *to)
{
	bool fold = map_count(tally->kinds) > KINDS_SHOWN;
	struct buf text = BUF_INIT;
	const char *separator = ": ";

	buf_format(&text, "%zu server%s in ", tally->total, tally->total == 1 ? "" : "s");
	num_show_duration(&text, duration_ms);
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		if (tally->counts[i] == 0)
			continue;
		buf_format(&text, "%s%zu %s", separator, tally->counts[i],
			   outcome_name((enum outcome)i));
		separator = ", ";
	}
	if (!quiet)
		fprintf(to, "%s\n", text.at);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		print_outcome(tally, (enum outcome)i, fold, to);
	buf_finish(&text);
}
