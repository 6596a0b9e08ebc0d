/* What the parser and the help of option tables share; only lib/base/opt*.c include it. */
#ifndef MROOM_BASE_OPT_TABLE_H
#define MROOM_BASE_OPT_TABLE_H

#include "lib/base/opt.h"

/* One option of a spec and the struct its value goes to. */
struct opt_slot {
	const struct opt *opt; /* NULL: there is none */
	void *into;
};

/* The option of that long name (size bytes) or that letter: the first table that has it wins. */
struct opt_slot opt_by_name(const struct opt_spec *spec, const char *name, size_t size);
struct opt_slot opt_by_letter(const struct opt_spec *spec, char letter);

/* --help stands in every table's help; -h too, unless a table uses the letter. */
bool opt_letter_helps(const struct opt_spec *spec, char letter);

bool opt_takes_value(const struct opt *opt); /* needs one: OPT_MAYBE does not */

/* Stores a value (NULL for FLAG and COUNT, NULL or text for MAYBE). `shown`: as it was written. */
int opt_store(struct opt_slot slot, const char *shown, const char *value, struct err *err);

#endif
