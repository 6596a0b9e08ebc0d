/*
 * A growing run of bytes. Invariants: `at` is never NULL and at[len] is always NUL, so that at is a
 * C string when no byte in it is NUL; cap counts usable bytes without that NUL. BUF_INIT allocates
 * nothing. Bytes may be anything. Growth doubles; buf_finish releases; its holder owns a buf.
 */
#ifndef MROOM_BASE_BUF_H
#define MROOM_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *at;
	size_t len;
	size_t cap;
};

extern char buf_nothing[1]; /* what an empty buf points at; never written to */

#define BUF_INIT {buf_nothing, 0, 0}

void buf_init(struct buf *buf);
void buf_finish(struct buf *buf); /* releases; the buf is empty and usable afterwards */
void buf_wipe(struct buf *buf);	  /* overwrites all it ever held in this block, then buf_finish */

void buf_reserve(struct buf *buf, size_t more); /* room for `more` bytes behind len */
void buf_clear(struct buf *buf);		/* len 0, memory kept */
void buf_cut(struct buf *buf, size_t len);	/* shortens to len */
void buf_drop(struct buf *buf, size_t count);	/* removes count bytes from the front (a move) */

/* What is added may not lie in the buf itself. */
void buf_add(struct buf *buf, const void *bytes, size_t count);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_format(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));
void buf_vformat(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0), nonnull(2)));

/* Hands the bytes over as a malloc'ed, NUL-terminated string; the buf is empty afterwards. */
char *buf_detach(struct buf *buf);

bool buf_equals(const struct buf *buf, const char *text);

#endif
