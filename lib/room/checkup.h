/*
 * A checkup: what one check of one server found, as a list of judged checks, and how it is kept in
 * the state `health_check` as JSON.
 *
 * A check is called KIND or KIND:SUBJECT ("memory", "disk:/var"). Texts may hold what a server
 * said: UTF-8 without control bytes, otherwise anything. A checkup owns its texts.
 */
#ifndef MROOM_ROOM_CHECKUP_H
#define MROOM_ROOM_CHECKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/levels.h"

#define CHECKUP_KEY "health_check" /* the state it is kept in */

struct check {
	char *name;
	enum health status;
	enum health was;  /* before the last change */
	int64_t since_ms; /* when it came to this status; 0: not known */
	bool has_value;
	double value;
	char unit[8]; /* "%", "s", "" */
	struct levels levels;
	char *text; /* one line for people */
};

/* Counters of CPU time, to compare with the next ones. */
struct cpu_times {
	char boot[64]; /* which boot they count from; "": none */
	double busy, idle;
};

struct checkup {
	int64_t at_ms; /* since the epoch */
	enum health status;
	struct check *at;
	size_t count, cap;
	struct cpu_times cpu;
};

#define CHECKUP_INIT                      \
	{                                 \
		0, HEALTH_OK, NULL, 0, 0, \
		{                         \
			"", 0, 0          \
		}                         \
	}

void checkup_finish(struct checkup *checkup);

/* Adds a check and returns it, for its value to be set; NULL when there are too many already.
 * `text` is copied. */
struct check *checkup_add(struct checkup *checkup, enum health status, const char *text,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));
const struct check *checkup_find(const struct checkup *checkup, const char *name);

/* The worst of all its checks goes to checkup->status; checks are put in order, the worst first. */
void checkup_close(struct checkup *checkup);

/* Fills in what each check was before (NULL: nothing is known). */
void checkup_compare(struct checkup *checkup, const struct checkup *before);

/* The overall status in one line: the worst checks' texts, or how many there are. */
void checkup_summary(const struct checkup *checkup, struct buf *text);

/* To JSON and back. -1 when it is not what checkup_write writes (status 6). */
void checkup_write(const struct checkup *checkup, struct buf *json);
int checkup_read(struct checkup *checkup, const char *json, struct err *err);

#endif
