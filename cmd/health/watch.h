/* The parts of mroom health watch: a screen over the store, and checks made in the background. */
#ifndef MROOM_HEALTH_WATCH_H
#define MROOM_HEALTH_WATCH_H

#include <uv.h>

#include "cmd/health/report.h"

enum watch_sort { SORT_STATUS, SORT_ID, SORT_LOAD, SORT_MEMORY, SORT_DISK, SORT_COUNT };

struct watch {
	struct ask *ask;
	struct list ids;  /* the targets, picked once */
	struct ward ward; /* as the store had it last */
	size_t *shown;	  /* of ward: what the filter leaves, sorted */
	size_t shown_count;
	enum watch_sort sort;
	bool reverse;
	struct buf filter;
	bool typing;	/* keys go to the filter */
	char *selected; /* id under the cursor; NULL: none */
	size_t cursor, top;
	bool detail; /* one server's checks fill the screen */
	size_t detail_top;
	bool checking;
	bool over;
};

/* --- watch_list.c --- */

/* Reads the store anew; the cursor stays on its server. -1 on error. */
int watch_reload(struct watch *watch);
/* Filters and sorts again. */
void watch_arrange(struct watch *watch);
/* The server under the cursor, or NULL. */
const struct patient *watch_selected(const struct watch *watch);
/* Moves the cursor, or the checks of one server, by so many lines. */
void watch_move(struct watch *watch, long lines);
/* The value of a check of that server; -1 where there is none. The fullest disk for "disk". */
double watch_value(const struct patient *patient, enum watch_sort what);

/* --- watch_view.c --- */

void watch_draw(struct watch *watch);

/* --- watch_keys.c --- */

/* Does what a key says; what is left is for the caller to do. */
enum watch_wish { WATCH_ON, WATCH_CHECK, WATCH_LEAVE };
enum watch_wish watch_key(struct watch *watch, int key);

#endif
