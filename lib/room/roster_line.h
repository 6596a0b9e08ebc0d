/*
 * One line of a roster: the delimiter rule, and what its fields mean. Private to roster*.c and
 * export_roster.c.
 *
 * A run is two or more of the same dash, `-` or the em-dash. The first run of a line is its
 * delimiter; a later run of the same dash whose length is k times the delimiter's stands for k
 * delimiters, that is for k - 1 empty fields; every other run is part of the field it stands in.
 */
#ifndef MROOM_ROOM_ROSTER_LINE_H
#define MROOM_ROOM_ROSTER_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/room/roster.h"

/* The longest line has six fields and an extra empty one; more are counted, not kept. */
#define ROSTER_FIELDS 8

struct roster_fields {
	size_t count;
	char *at[ROSTER_FIELDS]; /* NUL-terminated copies in `bytes` */
	char delimiter[32];	 /* as written, cut when longer: for messages */
	char *bytes; /* owned; wiped by roster_fields_finish, as one may be a password */
	size_t size;
};

/* Splits `line` (no NUL in it). Without any delimiter there is one field. */
void roster_split(struct roster_fields *fields, const char *line, size_t size);
void roster_fields_finish(struct roster_fields *fields);

/* Whether a field has a run of two or more dashes of either kind in it. */
bool roster_has_run(const char *field);

/* Fills `server` and *password (malloc'ed or NULL). On error both are untouched. */
int roster_read_server(const struct roster_fields *fields, struct server *server, char **password,
		       struct err *err);

/* What a line that begins with # is. `line` is what follows the #. 1: a tunnel, filled in; 0: a
 * comment; -1: neither, err says why. */
int roster_read_tunnel(const char *line, size_t size, struct roster_tunnel *tunnel,
		       struct err *err);
void roster_tunnel_finish(struct roster_tunnel *tunnel);
bool roster_tunnel_equal(const struct roster_tunnel *a, const struct roster_tunnel *b);

#endif
