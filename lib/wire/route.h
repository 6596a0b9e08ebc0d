/*
 * The way to servers behind a tunnel. Each tunnel that is up has one keeper, the process
 * `mroom-tunnel hold NAME`, which is started by whoever needs the tunnel first. It listens on a
 * socket in $MROOM_HOME/run; a user of the tunnel is an open connection to it, so that a user that
 * is killed needs no clean-up of its own. When the last one is gone the keeper takes the tunnel
 * down and ends.
 *
 * The talk is lines: the user states its claim, the keeper answers "STATE TAB REASON TAB USERS",
 * then again whenever the state changes.
 */
#ifndef MROOM_WIRE_ROUTE_H
#define MROOM_WIRE_ROUTE_H

#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/home.h"

enum route_state { ROUTE_DOWN, ROUTE_CONNECTING, ROUTE_UP, ROUTE_FAILED };
const char *route_state_name(enum route_state state); /* "down", ... */
/* Reads a name; false when it is none. */
bool route_state_parse(const char *name, enum route_state *state);

/* The claims. The first three bring the tunnel up where it is not. */
#define ROUTE_USE "use"	    /* it is wanted as long as this connection is open */
#define ROUTE_KEEP "keep"   /* it is wanted until somebody says down */
#define ROUTE_WATCH "watch" /* "watch PID": as long as that process lives */
#define ROUTE_QUERY "query" /* how is it */
#define ROUTE_DROP "drop"   /* it goes now, whoever uses it */

struct route;
/* Called with each state that the keeper tells; after ROUTE_FAILED and ROUTE_DOWN no more. Never
 * from within route_open. `users` counts those of the tunnel. */
typedef void route_fn(void *ctx, enum route_state state, const char *reason, long users);

/* Connects to the tunnel's keeper, starting one where the claim wants it. */
struct route *route_open(uv_loop_t *loop, const struct home *home, const char *tunnel,
			 const char *claim, route_fn *fn, void *ctx);
/* Lets go of the tunnel; fn is not called any more. Frees itself. NULL is allowed. */
void route_close(struct route *route);

/*
 * Brings the tunnel up for process `pid` (0: until somebody says down), and waits until it is up:
 * for tools that become another program. Status 4 with "tunnel NAME: reason" when it does not come
 * up.
 */
int route_bring_up(const struct home *home, const char *tunnel, pid_t pid, struct err *err);
/* For whoever just let go of it: waits until it is down, unless somebody else wants it. */
void route_settle(const struct home *home, const char *tunnel);
/* Brings it up and lets go of it at once, waiting until it is down where nobody else wants it.
 * Status 4 as above, with the reason alone. */
int route_try_out(const struct home *home, const char *tunnel, struct err *err);
/* Takes it down, whoever uses it, and waits until it is down. Status 6 when something is left of
 * it. */
int route_drop(const struct home *home, const char *tunnel, struct err *err);
/* How the tunnel is, without doing anything about it; appends the reason. */
enum route_state route_ask(const struct home *home, const char *tunnel, const char *claim,
			   struct buf *reason, long *users);

/* --- for the keeper (route_socket.c) --- */

/* $MROOM_HOME/run/tunnels, and a tunnel's own directory below it, which its driver runs in. Caller
 * frees. */
char *route_dir(const struct home *home);
char *route_tunnel_dir(const struct home *home, const char *tunnel);
/* The lock of a tunnel: a descriptor; -1 when another keeper has it (err is not set), -2 when it
 * cannot be taken. Whoever has it is the keeper. */
int route_lock(const struct home *home, const char *tunnel, struct err *err);
void route_unlock(const struct home *home, const char *tunnel, int lock);
/* A listening socket for the tunnel: -1 on error. */
int route_listen(const struct home *home, const char *tunnel, struct err *err);
void route_unlisten(const struct home *home, const char *tunnel);
/* A connection to the tunnel's keeper; -1 when there is none (errno tells why). */
int route_connect(const struct home *home, const char *tunnel);

#endif
