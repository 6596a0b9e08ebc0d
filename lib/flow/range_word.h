/* A word with brackets taken apart; only lib/flow/range*.c include it. */
#ifndef MROOM_FLOW_RANGE_WORD_H
#define MROOM_FLOW_RANGE_WORD_H

#include <stddef.h>

#include "lib/base/err.h"

/* One item between commas: numbers or letters from low to high. */
struct range_item {
	long long low, high, step;
	int width; /* zero-padded to it; 0: not padded; -1: letters */
};

/* A bracket and the text in front of it; the last part of a word has no items. */
struct range_part {
	const char *text; /* within the word */
	size_t size;
	struct range_item *items;
	size_t item_count;
};

struct range_word {
	const char *text; /* the caller's, not copied */
	struct range_part *parts;
	size_t count;
};

#define RANGE_WORD_INIT {NULL, NULL, 0}

/* Takes text apart; a malformed range is a usage error. range_word_finish also after a failure. */
int range_word_read(struct range_word *word, const char *text, struct err *err);
void range_word_finish(struct range_word *word);

/* Fills err with "'WORD': why", -1; a long word is shown by its beginning. */
int range_refuse(const char *text, const char *why, struct err *err);

/* Where the text at `at` stops being plain: at '[' of a range, at a ']' too many, or at its end. A
 * bracketed IPv6 address is plain. */
const char *range_plain_end(const char *at);

#endif
