/*
 * A copy to a server over SFTP, for where there is no shell, or no tar. The same promises as
 * share/remote/copy-put.sh keeps, as far as SFTP can: all of it is on the disk, below a directory of
 * its own, before the first name changes, and each name changes in one step (where the server has
 * OpenSSH's posix-rename). Without sums on the server, equal size and time mean equal contents.
 *
 * A copy that was cut short cannot clear up after itself: the next one of the same things to the
 * same place does, and goes on inside a large file behind what is on the server's disk for sure.
 */
#ifndef MROOM_WIRE_TRANSFER_SFTP_H
#define MROOM_WIRE_TRANSFER_SFTP_H

#include "lib/wire/transfer_put.h"

struct sftp_put;

enum sftp_put_state {
	SFTP_PUT_BUSY,
	SFTP_PUT_LOOKED, /* the plan is decided: sftp_put_send, or that was it */
	SFTP_PUT_DONE,
	SFTP_PUT_FAILED /* sftp_put_trouble says why; STATUS_CONSOLE is the console's own */
};

/* Fills plan (borrowed, as put is). */
struct sftp_put *sftp_put_create(struct transfer_put *put, struct plan *plan);
void sftp_put_destroy(struct sftp_put *work); /* NULL is allowed */

/* What the server said. */
void sftp_put_feed(struct sftp_put *work, const char *bytes, size_t count);
/* What it is told: how many bytes. */
size_t sftp_put_take(struct sftp_put *work, char *into, size_t room);
enum sftp_put_state sftp_put_state(const struct sftp_put *work);
void sftp_put_send(struct sftp_put *work);
/* Fetches what is to be replaced into olds; then LOOKED again. */
void sftp_put_fetch(struct sftp_put *work, struct olds *olds);
int64_t sftp_put_sent(const struct sftp_put *work); /* bytes of contents */
const struct err *sftp_put_trouble(const struct sftp_put *work);

#endif
