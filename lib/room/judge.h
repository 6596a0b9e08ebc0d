/*
 * From facts to judgement: what share/remote/health.sh answered, held against the thresholds of the
 * settings, becomes a checkup. A fact that a server did not give is left out, or UNKNOWN where the
 * settings ask for it; it is never taken for zero.
 */
#ifndef MROOM_ROOM_JUDGE_H
#define MROOM_ROOM_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/room/checkup.h"
#include "lib/room/config.h"
#include "lib/room/facts.h"
#include "lib/room/server.h"

struct judge {
	const struct config *config;
	const char **names; /* whose settings hold: the server, its tags, its room */
	size_t name_count;
	char *tags; /* what names point into */
	int64_t sent_ms,
	    got_ms; /* since the epoch: when the probe was sent, and its answer there */
	const struct checkup *before; /* the last one of this server; NULL: none */
};

/* For one server, whose texts must live as long. */
void judge_init(struct judge *judge, const struct config *config, const struct server *server);
void judge_finish(struct judge *judge);

/* Fills an empty checkup, and closes it. */
void judge_facts(const struct judge *judge, const struct facts *facts, struct checkup *checkup);

/* A setting of [health] that holds for this server. */
const char *judge_setting(const struct judge *judge, const char *key);

#endif
