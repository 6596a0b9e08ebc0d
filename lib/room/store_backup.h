/* The database as a whole: copied while others use it, put back, checked. */
#ifndef MROOM_ROOM_STORE_BACKUP_H
#define MROOM_ROOM_STORE_BACKUP_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/room/home.h"
#include "lib/room/store.h"

/*
 * Copies the database as it is at one moment to `path`: one file of mode 0600, there as a whole or
 * not at all; what was there is replaced. The key that secrets are sealed with is not in it.
 */
int store_backup(struct store *store, const char *path, struct err *err);

/*
 * Puts a copy in the database's place, in one transaction: others see the old state or the new.
 * Before that the copy is checked (a damaged or foreign one, and one of a newer mroom, is refused),
 * and what is there now is copied to `aside`. An older copy is migrated.
 */
int store_restore(struct store *store, const struct home *home, const char *path, const char *aside,
		  struct err *err);

/* Appends what is wrong with the database, a line each; nothing when all is well. */
int store_check(struct store *store, struct list *problems, struct err *err);

/* How many secrets are sealed in it. */
int store_secret_count(struct store *store, int64_t *count, struct err *err);

#endif
