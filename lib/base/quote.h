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
 * Appends `word` so that sh, bash, dash, zsh, ksh, busybox, csh, tcsh and fish all read it back as one word with
 * these bytes. Plain words stay bare. Backslash, quote and ! go outside the single quotes, since
 * these shells differ on them inside. A newline cannot be written portably: quote_command takes care.
 */
void quote_word(struct buf *buf, const char *word);

/* Whether quote_word can carry the word to every login shell (no newline in it). */
bool quote_is_portable(const char *word);

/*
 * Appends a command line for a server's login shell of whatever kind: `exec sh -c SCRIPT mroom ARGS...`,
 * each part quoted. Where a part holds a newline, all parts travel in printf %b form behind a small
 * decoder, so that csh can pass them on. argv is NULL-ended and may be NULL.
 */
void quote_command(struct buf *buf, const char *script, const char *const *argv);

/*
 * Appends bytes so that no terminal acts on them: control bytes, DEL, C1 controls and malformed UTF-8
 * become visible (\e, \r, \xHH, ^-free); printable UTF-8 stays. Bidirectional overrides are shown as \u{HHHH}.
 * A TAB stays when keep_tab.
 */
void quote_terminal(struct buf *buf, const char *bytes, size_t count, bool keep_tab);

/* Appends a stream field: \t \n \r \\ and other control bytes as in PostgreSQL's COPY text (\xHH). */
void quote_field(struct buf *buf, const char *bytes, size_t count);

/* Reads a stream field back. A lone backslash before another byte stands for that byte. */
void unquote_field(struct buf *buf, const char *bytes, size_t count);

#endif
