/*
 * The work of one import, shared by store_import*.c. Everything happens inside the one transaction
 * that store_import holds open.
 */
#ifndef MROOM_ROOM_STORE_IMPORT_H
#define MROOM_ROOM_STORE_IMPORT_H

#include "lib/base/map.h"
#include "lib/room/store_db.h"

struct import {
	struct store *store;
	struct secret_box *box;
	const struct roster *roster;
	const struct import_args *args;
	struct import_report *report;
	int64_t room;		/* the row of args->room; 0: none */
	int64_t position;	/* of the next server in it */
	struct map *ids;	/* the servers of the roster */
	struct map *tunnels;	/* name -> row, as a number in a pointer */
	struct map *left_rooms; /* name -> row of each room that a server moved out of */
};

static inline void *import_row(int64_t row)
{
	return (void *)(intptr_t)row;
}

/* Adds a line to the report; id and from are copied. */
void import_note(struct import_report *report, const char *id, enum import_action action,
		 unsigned fields, const char *from);

/* Whether a password of the roster has to be stored: 1, 0 (none given, or the same), -1. */
int import_password_differs(struct import *import, const char *kind, const char *name,
			    const char *password, struct err *err);
/* Stores it; a dry run does not, as that would make a key file for nothing. */
int import_password_keep(struct import *import, const char *kind, const char *name,
			 const char *password, struct err *err);

/* What a source knows beyond a roster: tags, retirement, description, state, schedule. Adds the bits
 * of what differed to *fields (store_import_more.c). */
int import_more(struct import *import, const struct roster_server *entry, int64_t row,
		unsigned *fields, struct err *err);

/* The roster's tunnels (store_tunnel.c). */
int import_tunnels(struct import *import, struct err *err);
/* The row of a tunnel by name; 0 for NULL. One that nobody knows becomes a profile without type, so
 * that its servers are behind it from the first. */
int import_tunnel_row(struct import *import, const char *name, int64_t *row, struct err *err);
/* What the room had and the roster lacks, and the ranks of rooms that were left
 * (store_import_gone.c). */
int import_gone(struct import *import, struct err *err);
int import_close_ranks(struct import *import, struct err *err);

#endif
