/*
 * Placeholders in a command (--subst): %h the server's id, %u the login user, %n its number in this
 * run (from 0), %%, and
 * %{key} what is remembered of the server (mroom-state(1)).
 */
#ifndef MROOM_EXEC_SUBST_H
#define MROOM_EXEC_SUBST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/store.h"

struct subst {
	struct store *store;
	const char *id, *user;
	size_t number;
	bool quote; /* values become one word of a command line each */
};

/* Whether all placeholders of the text are such: status 2 names the one that is not. */
int subst_check(const char *text, struct err *err);
/* Appends the text with values in place. A key that nothing is remembered under is an error. */
int subst_fill(const struct subst *subst, const char *text, struct buf *to, struct err *err);

#endif
