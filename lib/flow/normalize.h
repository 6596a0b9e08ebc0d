/* What is different on every server without meaning anything: names of the server itself,
 * addresses, times. */
#ifndef MROOM_FLOW_NORMALIZE_H
#define MROOM_FLOW_NORMALIZE_H

#include <stddef.h>

#include "lib/base/buf.h"

/*
 * Appends the text with <name> for each of the names (whole words), <address> for IPv4, IPv6 and
 * hardware addresses, <time> for 12:34[:56[.789]], <date> for 2026-11-26; a date and a time joined
 * by T become <date>T<time>.
 */
void normalize(struct buf *to, const char *bytes, size_t count, const char *const *names,
	       size_t name_count);

#endif
