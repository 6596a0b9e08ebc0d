/*
 * What is asked of a value: KEY=VALUE, KEY!=VALUE, KEY>VALUE (>= < <= too) or KEY?,
 * mroom-targets(7).
 *
 * = compares numbers by value and texts as they are, where * and ? stand for what they do in globs;
 * of a list it is enough that one element fits. > and its like compare numbers, and texts in
 * natural order, so that 1.10 > 1.9. What is not there equals nothing and is neither larger nor
 * smaller. KEY? asks whether there is a value that is neither false nor null.
 */
#ifndef MROOM_ROOM_CONDITION_H
#define MROOM_ROOM_CONDITION_H

#include <stdbool.h>

#include "lib/base/err.h"

enum condition_op {
	CONDITION_EQUAL,
	CONDITION_DIFFERENT,
	CONDITION_MORE,
	CONDITION_LESS,
	CONDITION_AT_LEAST,
	CONDITION_AT_MOST,
	CONDITION_THERE
};

struct condition {
	char *key;
	char *value; /* "" for KEY? */
	enum condition_op op;
};

/* Takes `text` apart: 1; 0 when it is no condition; -1 when one side is missing, status 2.
 * condition_finish only after 1. */
int condition_parse(const char *text, struct condition *condition, struct err *err);
void condition_finish(struct condition *condition);

/* Whether the value, as JSON, fits; `path` leads inside it (names or numbers, NULL-ended; NULL:
 * nowhere). NULL json: there is none. */
bool condition_holds(const struct condition *condition, const char *json, char *const *path);
/* The same for a plain text; NULL and "": nothing is there. */
bool condition_holds_text(const struct condition *condition, const char *text);

#endif
