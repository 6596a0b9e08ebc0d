/* The parts of mroom health report. */
#ifndef MROOM_HEALTH_REPORT_H
#define MROOM_HEALTH_REPORT_H

#include "cmd/health/check.h"

/* Adds the newest checkup of every target, as the store has it: UNKNOWN where there is none, or one
 * older than [health] stale. The worst come first. -1 on error. */
int report_load(struct ask *ask, struct ward *ward);

/* One screen: counts, what is wrong folded by check, what changed with the last check. */
int report_screen(const struct ward *ward, const struct out_args *form, struct err *err);

/* Writes one self-contained page (mode 0644). */
int report_html(struct ask *ask, const struct ward *ward, const char *path);

/* The textfile collector's format, complete. */
void report_prometheus(const struct ward *ward, FILE *to);

#endif
