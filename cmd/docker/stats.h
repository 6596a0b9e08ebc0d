/* The parts of mroom docker stats: what was last heard of containers, and a screen over it. */
#ifndef MROOM_DOCKER_STATS_H
#define MROOM_DOCKER_STATS_H

#include "cmd/docker/job.h"

/* The columns, as stats prints them; the server's id comes first. */
enum stats_column {
	STATS_ID,
	STATS_CONTAINER,
	STATS_CPU,
	STATS_MEMORY,
	STATS_MEMORY_SHARE,
	STATS_NETWORK,
	STATS_BLOCK,
	STATS_PIDS,
	STATS_COLUMNS
};

struct stats_args {
	bool once;
	int64_t every_ms;
};

/* A container, or the trouble of a server that told of none. */
struct stats_row {
	char *text[STATS_COLUMNS];
	double value[STATS_COLUMNS]; /* of those that are numbers: bytes, or percent */
	char *trouble;		     /* NULL: a container */
};

/* What was heard of one server last: that alone is kept. */
struct stats_server {
	char *id;
	struct stats_row *rows;
	size_t count;
	bool in_trouble;
	int64_t pause_ms; /* in trouble: between one question and the next */
	int64_t again_ms; /* when that is, on the monotonic clock */
};

struct stats {
	struct stats_server *servers;
	size_t server_count;
	struct map *by_id;		/* to the servers */
	const struct stats_row **shown; /* what the filter leaves, sorted */
	size_t shown_count, shown_containers, containers, in_trouble;
	bool stale; /* something came since: what is shown may be gone */
	enum stats_column sort;
	bool reverse;
	struct buf filter;
	bool typing;	  /* keys go to the filter */
	size_t top;	  /* the first that is on the screen */
	int64_t heard_ms; /* when a round was last through; 0: never */
};

/* --- stats_list.c --- */

/* "12.5MiB / 1.9GiB" (the first), "3kB / 1MB" (both, with `sum`), "7.2%": bytes, or the number. */
double stats_number(const char *text, bool sum);
void stats_init(struct stats *stats, const struct list *ids);
void stats_finish(struct stats *stats);
/* What a server answered takes the place of what it said before; trouble NULL: none. */
void stats_take(struct stats *stats, const struct answer *answer, const char *trouble);
/* Filters and sorts again. */
void stats_arrange(struct stats *stats);

/* --- stats_view.c --- */

void stats_draw(void *stats);
/* What a key says; false: it is time to leave. */
bool stats_key(struct stats *stats, int key);

/* --- stats_live.c --- */

/* Whether there is a terminal for it, and nothing that asks for records. */
bool stats_wants_screen(const struct job *job, const struct stats_args *args);
/* Round after round until the user leaves: the status, or -1 with job->err set. */
int stats_live(struct job *job, const char *command, const struct stats_args *args);

#endif
