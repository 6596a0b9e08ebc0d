/* Fetching from a server over SFTP, for where there is no shell: what is there is listed, what is
 * not here with the same size and time is read, and links whose target differs. */
#ifndef MROOM_WIRE_TRANSFER_SFTP_GET_H
#define MROOM_WIRE_TRANSFER_SFTP_GET_H

#include <stdbool.h>

#include "lib/wire/transfer_listing.h"
#include "lib/wire/transfer_take.h"

struct sftp_get;

/* `place` is what is fetched, `top` its name, `dir` where it goes; listing (empty) is filled. All
 * are borrowed. */
struct sftp_get *sftp_get_create(const char *place, const char *top, const char *dir,
				 struct listing *listing);
void sftp_get_destroy(struct sftp_get *work); /* NULL is allowed */

void sftp_get_feed(struct sftp_get *work, const char *bytes, size_t count);
size_t sftp_get_take(struct sftp_get *work, char *into, size_t room);
/* All is listed and compared: sftp_get_fetch says where it goes. */
bool sftp_get_listed(const struct sftp_get *work);
void sftp_get_fetch(struct sftp_get *work, struct take *take);
/* All has been handed to take. */
bool sftp_get_done(const struct sftp_get *work);
/* Bytes that were here already, of files that were cut short earlier. */
int64_t sftp_get_spared(const struct sftp_get *work);
/* STATUS_OK: none; STATUS_CONSOLE is the console's own. */
const struct err *sftp_get_trouble(const struct sftp_get *work);

#endif
