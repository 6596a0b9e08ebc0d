/* How one text differs from another, as diff(1) -u says it. */
#ifndef MROOM_FLOW_DIFF_H
#define MROOM_FLOW_DIFF_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Appends the hunks (without the two lines that name files). -1, status 6: there is no diff(1), or
 * the disk is full. */
int diff_unified(const struct buf *from, const struct buf *to, struct buf *into, struct err *err);

#endif
