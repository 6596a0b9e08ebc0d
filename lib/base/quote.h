/*
 * The one place that quotes. Four targets: a remote command line, a terminal, a field of a stream,
 * and reading such a field back.
 */
#ifndef MROOM_BASE_QUOTE_H
#define MROOM_BASE_QUOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * Appends `word` so that sh, bash, dash, zsh, ksh, busybox, csh, tcsh and fish all read it back as
 * one word with these bytes. Plain words stay bare. Backslash, quote and ! go outside the single
 * quotes, since these shells differ on them inside. A newline cannot be written portably:
 * quote_command takes care.
 */
void quote_word(struct buf *buf, const char *word);

/*
 * Appends a command line for a server's login shell of whatever kind: `exec sh -c SCRIPT mroom
 * ARGS...`, each part quoted. Where a part is long or holds a newline, script and arguments travel
 * in printf %b form behind a small decoder, so that csh can pass them on; $0 and $@ are the same.
 * The line never holds a newline. argv is NULL-ended and may be NULL.
 */
void quote_command(struct buf *buf, const char *script, const char *const *argv);

/*
 * Appends bytes so that no terminal acts on them: control bytes, DEL and malformed UTF-8 become
 * visible (\t \n \r \e, else \xHH), and so do C1 controls, bidirectional and other invisible
 * characters (\u{HHHH}); printable UTF-8 stays. A TAB stays when keep_tab.
 */
void quote_terminal(struct buf *buf, const char *bytes, size_t count, bool keep_tab);
/* The same of several lines, which stay lines; TABs stay. */
void quote_terminal_lines(struct buf *buf, const char *bytes, size_t count);

/* Appends a stream field: \t \n \r \\ and other control bytes (\xHH) as in PostgreSQL's COPY. */
void quote_field(struct buf *buf, const char *bytes, size_t count);

/* Reads a stream field back: what quote_field writes, and the other escapes of COPY (\b \f \v,
 * octal). A backslash before another byte stands for that byte. */
void unquote_field(struct buf *buf, const char *bytes, size_t count);

#endif
