/*
 * Host keys that were met and wait for somebody's word: new ones that were refused or learned on
 * the way, and ones that differ from what is known. One per host and port, the newest; mroom cert
 * hosts reviews them.
 */
#ifndef MROOM_ROOM_STORE_HOSTKEY_H
#define MROOM_ROOM_STORE_HOSTKEY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/room/store.h"

#define HOSTKEY_NEW "new"	  /* refused: it was not known */
#define HOSTKEY_LEARNED "learned" /* new as well, and known since: host_key = accept-new */
#define HOSTKEY_DIFFERS "changed" /* refused: another one is known */

struct hostkey_row {
	const char *server; /* id, as text: it may not be in the store */
	const char *host;
	long port;
	const char *state; /* HOSTKEY_NEW ... */
	const void *blob;  /* RFC 4253, section 6.6 */
	size_t size;
	const char *fingerprint;
	const char
	    *old; /* HOSTKEY_DIFFERS: the known key's fingerprint, and who knows it; else NULL */
	const char *file;
	long line;
	int64_t seen_ms; /* since the epoch */
};

/* Keeps the row, instead of what was there for its host and port. */
int store_hostkey_set(struct store *store, const struct hostkey_row *row, struct err *err);
int store_hostkey_remove(struct store *store, const char *host, long port, struct err *err);

/* Calls fn per row, by server. The row is valid during the call; fn may not write to the store. */
typedef int hostkey_row_fn(void *ctx, const struct hostkey_row *row, struct err *err);
int store_hostkey_each(struct store *store, hostkey_row_fn *fn, void *ctx, struct err *err);

#endif
