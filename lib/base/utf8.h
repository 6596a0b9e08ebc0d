/* UTF-8 as the standard has it: no overlong forms, no surrogates, nothing past U+10FFFF. */
#ifndef MROOM_BASE_UTF8_H
#define MROOM_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the character that bytes[0] begins (count > 0). Returns its size, 1 to 4, and sets *point;
 * 0 when the bytes are malformed or cut off.
 */
size_t utf8_read(const char *bytes, size_t count, uint32_t *point);

#endif
