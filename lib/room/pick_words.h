/*
 * The grammar of targets: lists of ids, globs, ranges, @room, @tag, ^file and -, mroom-targets(7). Private
 * to pick*.c.
 */
#ifndef MROOM_ROOM_PICK_WORDS_H
#define MROOM_ROOM_PICK_WORDS_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/room/pick_set.h"
#include "lib/room/store.h"

struct pick_words {
	struct store *store;
	struct pick_set *set;
	bool exclude;	  /* what is named is excluded, retired servers too */
	bool retired;	  /* retired servers come out as the others do */
	bool saw_stdin;	  /* - was among the words */
	const char *file; /* the ^file that is being read; NULL */
};

/* A LIST as -w takes it. An empty one is an error too: "$EMPTY" was meant to name something. */
int pick_words_list(struct pick_words *words, const char *text, struct err *err);
/* A file of targets: one or more a line, # begins a comment. */
int pick_words_file(struct pick_words *words, const char *path, struct err *err);
/* The servers of a room, else of a tag. */
int pick_words_room(struct pick_words *words, const char *name, struct err *err);
/* All of them. */
int pick_words_all(struct pick_words *words, struct err *err);

/* One server by id, else by address: 1 found, 0 when it is neither, -1. The caller finishes it. */
int pick_server(struct store *store, const char *word, struct server *server, struct err *err);

/* Says that ids are unknown, and what may have been meant (pick_unknown.c). -1. */
int pick_unknown_ids(struct store *store, const struct list *ids, struct err *err);
int pick_unknown_room(struct store *store, const char *name, struct err *err);

/* The servers of one room at positions such as "0,2,4-7" (pick_index.c). */
int pick_index(struct pick_words *words, const char *room, const char *index, struct err *err);

#endif
