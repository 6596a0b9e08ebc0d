/* Patterns of * and ? alone, as ssh has them: no brackets, no escapes, bytes compared as they are.
 */
#ifndef MROOM_BASE_GLOB_H
#define MROOM_BASE_GLOB_H

#include <stdbool.h>

bool glob_match(const char *pattern, const char *text);

/* Comma-separated patterns: one that begins with ! and matches says no, whatever the others say. */
bool glob_list_match(const char *patterns, const char *text);

#endif
