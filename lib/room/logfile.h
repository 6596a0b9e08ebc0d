/*
 * A log file that several processes write to at once. Each write is whole lines, under a lock; when
 * the file has grown past its limit, whoever writes next renames it to FILE.1, FILE.1 to FILE.2 and
 * so on, under the same lock, and begins a new one. No line is lost, torn, or written to a file
 * that another has put away.
 */
#ifndef MROOM_ROOM_LOGFILE_H
#define MROOM_ROOM_LOGFILE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct logfile;

/* limit 0: never rotated; `keep` old files stay (at least one). Made with mode 0600. */
struct logfile *logfile_open(const char *path, int64_t limit, long keep, struct err *err);
int logfile_write(struct logfile *logfile, const char *lines, size_t count, struct err *err);
void logfile_close(struct logfile *logfile); /* NULL is allowed */

#endif
