/*
 * Commands as another user, through sudo (share/remote/sudo.sh), for every tool: --sudo[=USER].
 *
 * sudo asks with a prompt of ours on standard error, marked with the nonce of this process. Only
 * then is the password sent, on standard input, so that where none is wanted none is sent. Data for
 * the command waits until the command has announced itself: sudo can never take it for a password.
 */
#ifndef MROOM_WIRE_BECOME_H
#define MROOM_WIRE_BECOME_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/wire/remote.h"

/* As whom, and with which password: one for the whole run. */
struct become {
	const char *user; /* "" is root; borrowed */
	struct buf password;
	bool have_password;
};

struct become_args {
	const char *user;	   /* --sudo: "" or a name; NULL: not at all */
	bool ask;		   /* -K: ask once, now */
	const char *password_file; /* NULL */
};

/* Asks for the password, or reads its file. become_close also after a failure. */
int become_open(struct become *become, const struct become_args *args, struct err *err);
void become_close(struct become *become); /* wipes */

/* One command's way up. */
struct ascent {
	const struct become *become; /* NULL: there is no way to go, all bytes pass */
	const char *mark;	     /* what the prompt consists of */
	int prompts;
	struct buf said;   /* standard error until the command begins */
	struct buf answer; /* the password, on its way */
	size_t answered;
	bool refused; /* there is no password, or it was wrong: input ends, so that sudo does */
	bool arrived;
};

void ascent_init(struct ascent *ascent);
void ascent_begin(struct ascent *ascent, const struct become *become, const struct remote *remote);
void ascent_finish(struct ascent *ascent); /* wipes */

enum ascent_news {
	ASCENT_NOTHING,
	ASCENT_ASKED,	/* a password is wanted: ascent_answer or ascent_refuse */
	ASCENT_REFUSED, /* it was wrong: input has ended, feed it so */
};

/* Takes standard error of a command that has not begun yet. */
enum ascent_news ascent_hear(struct ascent *ascent, const char *bytes, size_t count);
/* What the prompt is answered with; `password` is copied. */
void ascent_answer(struct ascent *ascent, const struct buf *password);
void ascent_refuse(struct ascent *ascent);
/* Standard input while the command has not begun: the count, *end when no more may come. */
size_t ascent_input(struct ascent *ascent, char *into, size_t room, bool *end);
/* The command runs. What `said` holds then is for its reader. */
void ascent_arrive(struct ascent *ascent);
/* Why the command never began, in one line. */
void ascent_explain(const struct ascent *ascent, int exit_status, char *into, size_t room);

#endif
