/* Files: whole, checked, and replaced in one step. */
#ifndef MROOM_BASE_IO_H
#define MROOM_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Appends the whole file to buf; more than `limit` bytes is an error. "-" is standard input. */
int io_read_file(const char *path, size_t limit, struct buf *buf, struct err *err);

/* As io_read_file for secrets: refuses a file that group or others can read; nothing is left in
 * memory besides buf, which gets room for `limit` bytes at once. One newline at its end is cut. */
int io_read_secret(const char *path, size_t limit, struct buf *buf, struct err *err);

/* Writes all of it, through EINTR and short writes. */
int io_write_all(int fd, const void *bytes, size_t count, struct err *err);

/* Opens a file for reading and writing under TMPDIR that has no name any more: what it holds is gone with
 * the process. `what` names it in the error (status 6). The descriptor, or -1. */
int io_spool(const char *what, struct err *err);

/* Writes path by way of a temporary file beside it: mode as given, fsync, rename. Old or new, never
 * a part. A symbolic link stays one: what it points to is replaced. */
int io_replace_file(const char *path, const void *bytes, size_t count, int mode, struct err *err);

/* mkdir -p with this mode for what is made. */
int io_make_dirs(const char *path, int mode, struct err *err);

/* Flushes and checks standard output: a full disk or closed pipe is an error (status 6), EPIPE too.
 * Called at the end of main (verb_main does it for its verbs). After an error standard output leads
 * to /dev/null, so that the same error is not met twice. */
int io_close_stdout(struct err *err);

/* "dir/.name.XXXXXX", for mkstemp: beside the file, since rename works within one file system only. Caller frees. */
char *io_temporary_name(const char *path);

/* The same for one who met the error, and tells it. */
void io_drop_stdout(void);

/* "~/x" and "~" with HOME (or the password database); other text is copied. Caller frees. */
char *io_expand_home(const char *path);
/* The same, and what counts from the current directory from the root. Caller frees. */
char *io_absolute(const char *path);

bool io_is_dir(const char *path);

#endif
