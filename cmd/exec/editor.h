/*
 * A line editor on a loop: while it waits for keys the loop turns, so that sessions stay alive.
 * libedit edits, as ~/.editrc has it; lines that were typed are kept in a file, a line each.
 */
#ifndef MROOM_EXEC_EDITOR_H
#define MROOM_EXEC_EDITOR_H

#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct editor;

enum editor_said {
	EDITOR_LINE,
	EDITOR_BROKEN_OFF, /* ^C: what was typed is dropped */
	EDITOR_END,	   /* ^D, or the terminal is gone */
	EDITOR_KILLED	   /* SIGTERM or SIGHUP */
};

/* On standard input and standard error. err tells when the history cannot be read: there is none
 * then, and nothing else is lost. */
struct editor *editor_create(uv_loop_t *loop, const char *history, struct err *err);
/* Puts what is typed into `line`, without its newline. */
enum editor_said editor_read(struct editor *editor, const char *prompt, struct buf *line);
/* Adds to the history; not what begins with a blank. */
void editor_remember(struct editor *editor, const char *line);
/* The terminal is as it was; the memory is given back with the loop's next turn. NULL is allowed. */
void editor_close(struct editor *editor);

#endif
