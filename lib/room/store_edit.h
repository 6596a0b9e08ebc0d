/*
 * Changes to single servers, as the verbs of mroom inventory make them. Each call belongs inside a
 * transaction of the caller's (store_begin), so that a verb over many servers is done whole or not
 * at all. Fields are told apart by the bits of enum import_field.
 */
#ifndef MROOM_ROOM_STORE_EDIT_H
#define MROOM_ROOM_STORE_EDIT_H

#include "lib/base/map.h"
#include "lib/room/store.h"

/* A new server with all that `server` has: at the end of its room, which is made when there is
 * none. *row names it. An id that is taken, or a tunnel that is not known: status 2. */
int store_server_add(struct store *store, const struct server *server, int64_t *row,
		     struct err *err);

/* Whether that row is still the server of that id: 1, 0, -1. Rows are used again. */
int store_server_is(struct store *store, int64_t row, const char *id, struct err *err);

/* Sets those of the fields that differ; *changed gets their bits. Whoever changes rooms goes to the
 * end of the new one, or into none (room NULL); the old one's ranks are closed later. `row` gone meanwhile: status 2. */
int store_server_set(struct store *store, int64_t row, const struct server *to, unsigned fields,
		     unsigned *changed, struct err *err);

/* Another id, also as a jump host of others; one that is taken: status 2. Sealed secrets stay under the old one: secret_move. */
int store_server_rename(struct store *store, int64_t row, const char *id, struct err *err);

/* With its state, tags and password; its room's ranks are closed later. */
int store_server_remove(struct store *store, const struct server *server, struct err *err);

/* One tag on or off; *changed says whether anything did. */
int store_tag_set(struct store *store, int64_t row, const char *tag, bool on, bool *changed,
		  struct err *err);

/* Whether a server is left that is reached through one of those ids: 1 (then *user and *jump are one such
 * pair, the caller's own), 0, -1. */
int store_jump_user(struct store *store, const struct map *ids, char **user, char **jump,
		    struct err *err);

/* Of every room that servers have left, as below. */
int store_rooms_close_ranks(struct store *store, struct err *err);
/* Numbers the servers of a room 0, 1, 2, ... again; without servers the room goes. */
int store_room_close_ranks(struct store *store, int64_t room, struct err *err);

#endif
