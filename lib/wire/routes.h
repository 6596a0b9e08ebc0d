/*
 * The tunnels of one fleet: each is brought up when the first server behind it is due, and let go
 * of when the fleet is done.
 */
#ifndef MROOM_WIRE_ROUTES_H
#define MROOM_WIRE_ROUTES_H

#include "lib/wire/route.h"

struct routes;
/* A tunnel came up, or failed: servers behind it may be dialled, or have lost their way. */
typedef void routes_fn(void *ctx, const char *tunnel, enum route_state state);

/* home must outlive it. */
struct routes *routes_create(uv_loop_t *loop, const struct home *home, routes_fn *changed,
			     void *ctx);
/* How the tunnel is; asking brings it up. `reason` (may be NULL) gets why it failed, valid until
 * the next call. */
enum route_state routes_want(struct routes *routes, const char *tunnel, const char **reason);
/* What failed is tried again when it is wanted next. */
void routes_again(struct routes *routes);
/* Lets go of all. The loop must run on for a moment. */
void routes_close(struct routes *routes);
void routes_destroy(struct routes *routes); /* after its loop ended; NULL is allowed */

#endif
