/* The inside of the ssh(1) transport: how ssh is called (openssh_args.c), and what its words mean.
 */
#ifndef MROOM_WIRE_OPENSSH_H
#define MROOM_WIRE_OPENSSH_H

#include "lib/base/list.h"
#include "lib/wire/transport.h"

/* The command line of a master connection that runs `ready` (by the user's shell, here) once it is
 * logged in. `asks`: somebody answers where it wants a password. */
void openssh_master_args(struct list *args, const struct login *login, const char *socket,
			 int64_t timeout_ms, const char *ready, bool asks);
/* That of a client which runs a command through it. */
void openssh_client_args(struct list *args, const struct login *login, const char *socket,
			 const char *command, const struct channel_events *events);

struct openssh_failure {
	enum outcome outcome;
	const char *reason;
	char message[512];
};

/* What a master that ended before it was logged in said, as an outcome. */
void openssh_judge(const char *said, struct openssh_failure *failure);

#endif
