/* The newest checkup of each server in the store. */
#ifndef MROOM_ROOM_STORE_CHECKUP_H
#define MROOM_ROOM_STORE_CHECKUP_H

#include "lib/room/checkup.h"
#include "lib/room/store.h"

/* 1 found (checkup is filled, caller finishes it), 0 none, -1. */
int store_checkup_get(struct store *store, const char *id, struct checkup *checkup,
		      struct err *err);

/*
 * Keeps it in place of the one before, and what is wrong as the state health_check:
 * {"status":"CRITICAL","problems":{"disk:/":"CRITICAL"}}. One transaction, or part of the one that
 * is open. Of a server that is not in the store nothing is kept.
 */
int store_checkup_set(struct store *store, const char *id, const struct checkup *checkup,
		      struct err *err);

#endif
