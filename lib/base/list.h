/* A growing list of strings that it owns. LIST_INIT allocates nothing; list_finish releases all. */
#ifndef MROOM_BASE_LIST_H
#define MROOM_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	char **at;
	size_t count;
	size_t cap;
};

#define LIST_INIT {NULL, 0, 0}

void list_add(struct list *list, const char *text); /* copies */
void list_add_n(struct list *list, const char *text, size_t size);
void list_take(struct list *list, char *text); /* takes over a malloc'ed string */
/* Splits at `separator`; blanks around an item are dropped, empty items too. */
void list_split(struct list *list, const char *text, char separator);
bool list_has(const struct list *list, const char *text);
char *list_join(const struct list *list, const char *separator); /* caller frees */
/* Natural order: numbers inside the text by value, web2 before web10. */
void list_sort(struct list *list);
int natural_compare(const char *a, const char *b);
void list_finish(struct list *list);

/* The candidate nearest to `word` by edit distance (or that begins with it), or NULL when none is
 * near: "did you mean". */
const char *list_nearest(const char *word, const char *const *candidates, size_t count);

#endif
