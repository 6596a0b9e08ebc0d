/*
 * Sets of names, written as lists: words between commas, ranges in brackets, & between words for
 * what both sides mean, &! for what the other does not mean. Names keep the order in which they
 * came, each once.
 */
#ifndef MROOM_FLOW_NODES_H
#define MROOM_FLOW_NODES_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/base/list.h"

struct nodes;

struct nodes *nodes_create(void);
void nodes_destroy(struct nodes *nodes); /* NULL is allowed */

/* Adds what the list means, or takes it out. A malformed list is a usage error. */
int nodes_add(struct nodes *nodes, const char *text, struct err *err);
int nodes_remove(struct nodes *nodes, const char *text, struct err *err);

/* Appends the names. */
void nodes_list(const struct nodes *nodes, struct list *into);

/* Whether a word has & outside brackets. */
bool nodes_has_and(const char *word);
/* Splits one word at & outside brackets. A side without a name, and a first side that begins with !
 * (for what is not meant), are errors. */
int nodes_split_and(const char *word, struct list *sides, struct err *err);

#endif
