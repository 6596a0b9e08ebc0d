/* The parts of mroom health ports. */
#ifndef MROOM_HEALTH_PORTS_H
#define MROOM_HEALTH_PORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/room/listening.h"

enum reach { REACH_UNKNOWN, REACH_OPEN, REACH_CLOSED, REACH_SILENT };

/* One port of one server, now or the last time. */
struct port {
	char *id, *host;
	struct listening at;
	char program[64];
	const char *state; /* "known", "new", "gone" */
	enum reach reach;
};

struct ports {
	struct port *at;
	size_t count, cap;
};

struct port *ports_add(struct ports *ports, const char *id, const char *host,
		       const struct listening *at, const char *program);
void ports_finish(struct ports *ports);

/* Tries to connect from here to every TCP port that is there and not bound to loopback, many at
 * once; who does not answer within three seconds is silent. */
void ports_reach(struct ports *ports);

#endif
