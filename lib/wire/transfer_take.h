/*
 * Writes what a server sends below one directory of this console, and nowhere else: every step of a
 * name is taken without following links, ".." and absolute names are refused. Files come under
 * temporary names; they are on the disk before they get their own.
 */
#ifndef MROOM_WIRE_TRANSFER_TAKE_H
#define MROOM_WIRE_TRANSFER_TAKE_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/wire/transfer_tree.h"
#include "lib/wire/transfer_untar.h"

struct take;

/* Opens (makes) the directory. NULL on error. */
struct take *take_create(const char *dir, struct err *err);
/* Bytes of contents that came. */
int64_t take_came(const struct take *take);
/* Of what was not settled, because it was cut short, whole files are put in place, so that they
 * need not come again; parts stay as parts, the rest is removed. NULL is allowed. */
void take_destroy(struct take *take);

/* Their ctx is the take. Of what a tar stream brings parts are kept as well. */
extern const struct untar_events take_events, take_tar_events;

/*
 * Of a large file that was cut short earlier a part may be here, from its beginning, known by the
 * file's name, size and time: how many bytes of it are on the disk for sure. A file that is
 * `resumed` goes on behind them; all before `at` of the one being written has arrived, says
 * take_secure, and it may become such a part. Parts that were of no use go with take_settle.
 */
int64_t take_have(const struct take *take, const struct untar_entry *entry);
/* That part, as tree_hash_part wants it. The caller frees its path. */
void take_part(const struct take *take, const struct untar_entry *entry, struct tree_entry *part);
/* There is no such part any more. */
void take_forget(struct take *take, const struct untar_entry *entry);
int take_secure(struct take *take, int64_t at, struct err *err);

/* Makes a directory below it; its mode is set by take_settle. */
int take_dir(struct take *take, const char *name, unsigned mode, int64_t mtime, struct err *err);
/* Puts all that has arrived in place. */
int take_settle(struct take *take, struct err *err);

#endif
