/*
 * The grammar of targets: lists of ids, globs, ranges, @room, @tag, @source:group, questions about
 * state, ^file and -, with & between them, mroom-targets(7). Private to pick*.c.
 */
#ifndef MROOM_ROOM_PICK_WORDS_H
#define MROOM_ROOM_PICK_WORDS_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/room/pick_set.h"
#include "lib/room/store.h"

/* Of what is named only that which is in the set, or is not. */
struct pick_filter {
	const struct pick_set *set;
	bool negated;
	const struct pick_filter *next;
};
/* Hosts that the store lacks and ssh_config has; its files are read when the first is asked for. */
struct pick_ssh {
	const char *file; /* as for sshconfig_open */
	struct sshconfig *config;
};
void pick_ssh_finish(struct pick_ssh *ssh);

struct pick_words {
	struct store *store;
	struct pick_ssh *ssh;
	struct pick_set *set;
	bool exclude;	  /* what is named is excluded, retired servers too */
	bool retired;	  /* retired servers come out as the others do */
	bool saw_stdin;	  /* - was among the words */
	bool collects;	  /* what is named comes into the set, also where it is to be excluded */
	const struct pick_filter *filters;
	const char *file; /* the ^file that is being read; NULL */
	struct buf *note; /* gets a line for each run that was looked up; NULL */
};

/* A server that was named. */
void pick_words_take(struct pick_words *words, const struct server *server);
/* The same for one that pick_set_pack made; it is taken over. */
void pick_words_give(struct pick_words *words, struct server *packed);
/* Whether nothing but the id of what is named is looked at (server_query). */
bool pick_words_ids_only(const struct pick_words *words);

/* The servers of a large range (pick_many.c): found[i] is the i-th name's; NULL where a name is no id, or was
 * not looked for because asking for each is as cheap. Begins as {NULL, 0}. */
struct pick_many {
	struct server **found;
	size_t count;
};
int pick_many_find(struct pick_many *many, const struct pick_words *words, const struct list *names,
		   struct err *err);
/* Names the server of that name; false when it is not there, or came before. */
bool pick_many_take(struct pick_many *many, struct pick_words *words, size_t at);
void pick_many_finish(struct pick_many *many);

/* A LIST as -w takes it. An empty one is an error too: "$EMPTY" was meant to name something. */
int pick_words_list(struct pick_words *words, const char *text, struct err *err);
/* A file of targets: one or more a line, # begins a comment. */
int pick_words_file(struct pick_words *words, const char *path, struct err *err);
/* The servers of a room, else of a tag. */
int pick_words_room(struct pick_words *words, const char *name, struct err *err);
/* All of them. */
int pick_words_all(struct pick_words *words, struct err *err);

/* Whether the glob matches any id: 1, 0, -1. */
int pick_words_matches(struct store *store, const char *glob, struct err *err);
/* A question about state (pick_state.c): 1 when the word is one, 0 when not, -1. */
int pick_state(struct pick_words *words, const char *word, struct err *err);
/* An outcome, or run:N[:OUTCOME] (pick_run.c), without the @: 1 when the word is one, 0 when not, -1. */
int pick_run(struct pick_words *words, const char *name, struct err *err);
/* SOURCE:GROUP, without the @ (pick_source.c). */
int pick_source(struct pick_words *words, const char *text, struct err *err);

/* One server by id, else by address, else as a host of ssh_config: 1 found, 0 when it is none, -1. The caller
 * finishes it. */
int pick_server(struct store *store, struct pick_ssh *ssh, const char *word, struct server *server,
		struct err *err);

/* Says that ids are unknown, and what may have been meant (pick_unknown.c). -1. */
int pick_unknown_ids(struct store *store, const struct list *ids, struct err *err);
int pick_unknown_room(struct store *store, const char *name, struct err *err);

/* The servers of one room at positions such as "0,2,4-7" (pick_index.c). `option` is what the
 * positions came from, for messages. */
int pick_index(struct pick_words *words, const char *room, const char *index, const char *option,
	       struct err *err);

#endif
