/* How a tunnel is, for whoever looks at it. */
#ifndef MROOM_CMD_TUNNEL_LOOK_H
#define MROOM_CMD_TUNNEL_LOOK_H

#include "cmd/tunnel/tunnel.h"

struct look {
	/* up, connecting, down, failed; or stale: left behind by a keeper that was killed */
	const char *state;
	struct buf reason;
	long users;
	int64_t since; /* when it came to be so, in ms since the epoch; 0: unknown */
};
/* Looks at one; status 6 when the store fails. The caller finishes the reason. */
int look_at(struct console *console, const char *name, struct look *look, struct err *err);

#endif
