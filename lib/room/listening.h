/* The ports that a server listens on, out of the facts of a probe. */
#ifndef MROOM_ROOM_LISTENING_H
#define MROOM_ROOM_LISTENING_H

#include <stddef.h>

#include "lib/room/facts.h"

struct listening {
	char protocol[8]; /* tcp udp */
	char address[64]; /* 0.0.0.0, ::1, * */
	long port;
};

/* Sorted by protocol, port, address; each once. Caller frees. */
struct listening *listening_read(const struct facts *facts, size_t *count);

#endif
