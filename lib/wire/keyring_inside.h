/* The inside of a keyring: keyring.c (what there is), keyring_choose.c (what is tried on a server). */
#ifndef MROOM_WIRE_KEYRING_INSIDE_H
#define MROOM_WIRE_KEYRING_INSIDE_H

#include "lib/room/secret_fetch.h"
#include "lib/wire/agent.h"
#include "lib/wire/keyfiles.h"
#include "lib/wire/keyring.h"
#include "lib/wire/knownhosts.h"

struct keyring {
	struct console *console;
	struct keyfiles *files;
	struct list named, usual; /* paths: -i; [ssh] identity */
	struct list defaults;
	char *only;
	bool only_cert; /* of its certificate alone */
	const struct list *without;
	struct buf password;
	bool have_password;
	struct secret_fetch *fetch;
	struct identity **agents;
	size_t agent_count;
	struct agent *agent;
	uv_timer_t patience;
	bool started, agent_known, files_open, answered;
	void (*ready)(void *ctx);
	void *ctx;
};

#endif
