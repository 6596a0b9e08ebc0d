/*
 * Servers in the forms that other tools read. Writers append to a buffer what they can carry, and
 * add to `left_out` what they cannot, one line each. What they write, listing.h reads back.
 *
 * Passwords are written where the form has a place for them and `password` gives one.
 */
#ifndef MROOM_ROOM_EXPORT_H
#define MROOM_ROOM_EXPORT_H

#include "lib/base/buf.h"
#include "lib/room/console.h"

struct export
{
	struct console *console;
	const struct server *servers;
	size_t count;
	bool secrets; /* write passwords */
	struct list left_out;
};

#define EXPORT_FORMS "roster|ssh_config|ansible|json|csv|hosts"
/* Writes all servers in the form of that name. -1: nothing can be made of them (status 2), or the
 * store failed. The text is to be wiped where secrets are in it. */
int export_write(struct export *export, const char *form, struct buf *into, struct err *err);

/* --- for the writers: each gets all of the export --- */
int export_roster(struct export *export, struct buf *into, struct err *err);
int export_ssh_config(struct export *export, struct buf *into, struct err *err);
int export_ansible(struct export *export, struct buf *into, struct err *err);
int export_json(struct export *export, struct buf *into, struct err *err);
int export_csv(struct export *export, struct buf *into, struct err *err);
int export_hosts(struct export *export, struct buf *into, struct err *err);

/* The server's password where secrets are wanted and there is one: 1 (append; wipe it), 0, -1. */
int export_password(struct export *export, const char *id, struct buf *text, struct err *err);
void export_leave_out(struct export *export, const char *id, const char *why);
/* The server is written, but not this of it. */
void export_lose(struct export *export, const char *id, const char *what);

#endif
