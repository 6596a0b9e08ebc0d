/*
 * What a probe of share/remote answered: lines of WORD TAB FIELD..., kept in order. The bytes are
 * a server's, so anything may stand there: what is no text (control bytes, malformed UTF-8) becomes
 * "?" while it is read, and what is absent is unknown, never zero.
 */
#ifndef MROOM_ROOM_FACTS_H
#define MROOM_ROOM_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#define FACT_FIELDS 6

struct fact {
	const char *word;
	const char *field[FACT_FIELDS]; /* "" where there is none */
};

struct facts {
	char *text; /* what the facts point into */
	struct fact *at;
	size_t count;
	bool whole; /* the probe came to its end */
};

/* Always succeeds; facts_finish releases. */
void facts_parse(struct facts *facts, const char *bytes, size_t count);
void facts_finish(struct facts *facts);

/* The next fact of that word behind `after` (NULL: the first), or NULL. */
const struct fact *facts_find(const struct facts *facts, const char *word,
			      const struct fact *after);

/* What a double counts exactly (2 to the 53rd); no true fact of a server is larger. */
#define FACT_LARGEST 9007199254740992.0

/* A field as a number: false when it is none, or one further from 0 than FACT_LARGEST. */
bool fact_number(const struct fact *fact, size_t field, double *value);

#endif
