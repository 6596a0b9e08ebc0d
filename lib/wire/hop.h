/*
 * Tunnels of type SSH that carry no networks of their own and offer no proxy are jump hosts: the
 * first on the way to every server behind them. Nothing has to be brought up for these.
 */
#ifndef MROOM_WIRE_HOP_H
#define MROOM_WIRE_HOP_H

#include "lib/room/console.h"
#include "lib/room/server.h"
#include "lib/room/tunnel.h"

/* Whether a profile is of that kind. */
bool hop_is(const struct tunnel *tunnel);
/* 1: the host that the tunnel of that name goes through (the caller finishes it); 0: a tunnel of
 * another kind, or none; -1: it is incomplete. */
int hop_find(struct console *console, const char *tunnel, struct server *host, struct err *err);
/* Appends the password for it: 1, 0 (there is none), -1. */
int hop_password(struct console *console, const char *tunnel, struct buf *password,
		 struct err *err);

#endif
