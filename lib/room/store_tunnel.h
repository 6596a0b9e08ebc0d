/*
 * Profiles of tunnels, and what happened to them, in the store. The roster's import has its own
 * hand in the same tables (store_import.h): a profile keeps its fields when a roster changes its
 * server or user.
 */
#ifndef MROOM_ROOM_STORE_TUNNEL_H
#define MROOM_ROOM_STORE_TUNNEL_H

#include "lib/room/secret.h"
#include "lib/room/store.h"
#include "lib/room/tunnel.h"

/* 1 found (the caller finishes it; secrets are sealed), 0, -1. */
int store_tunnel_get(struct store *store, const char *name, struct tunnel *tunnel, struct err *err);
/* The same, or an error (status 2) that names what is nearest. */
int store_tunnel_need(struct store *store, const char *name, struct tunnel *tunnel,
		      struct err *err);

/* Adds a profile, or with tunnel->row replaces it: all of its fields, in one transaction. A secret
 * without value keeps what is sealed. */
int store_tunnel_put(struct store *store, struct secret_box *box, struct tunnel *tunnel,
		     struct err *err);
/* Refused (status 5) while servers stand behind it: that would mean contact outside it. */
int store_tunnel_remove(struct store *store, const struct tunnel *tunnel, struct err *err);
/* Opens every secret of the profile. */
int store_tunnel_unseal(struct store *store, struct secret_box *box, struct tunnel *tunnel,
			struct err *err);

/* An event: state is up, down, connecting, failed, ... */
int store_tunnel_event(struct store *store, const char *name, const char *state, const char *reason,
		       struct err *err);
/* Walks events of one tunnel (NULL: of all), oldest first, the newest `limit` of them. */
struct tunnel_event {
	const char *tunnel, *state, *reason;
	int64_t at;
};
typedef void tunnel_event_fn(void *ctx, const struct tunnel_event *event);
int store_tunnel_events(struct store *store, const char *name, long limit, tunnel_event_fn *fn,
			void *ctx, struct err *err);

#endif
