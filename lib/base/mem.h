/*
 * Allocation that does not fail: when memory is exhausted a line goes to standard error and the
 * process exits with status 6, because nothing calmer can be done. What is returned is the
 * caller's, to be released with free(3).
 */
#ifndef MROOM_BASE_MEM_H
#define MROOM_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);			       /* not initialised */
void *mem_zero(size_t count, size_t size);	       /* all zero; count * size is checked */
void *mem_resize(void *at, size_t count, size_t size); /* realloc of an array; checked */
void *mem_copy(const void *from, size_t size);
char *mem_text(const char *text);		 /* strdup; NULL gives NULL */
char *mem_text_n(const char *text, size_t size); /* strndup of exactly size bytes */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));

/* Overwrites secrets in a way the compiler may not remove. */
void mem_wipe(void *at, size_t size);
/* mem_wipe over the whole string, then free. NULL is allowed. */
void mem_wipe_free(char *text);

#endif
