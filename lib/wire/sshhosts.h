/*
 * What ssh_config adds to what the console knows of a server, and where host keys are known. The
 * store and the command line go before ssh_config; ssh_config goes before the settings that hold
 * for every server.
 */
#ifndef MROOM_WIRE_SSHHOSTS_H
#define MROOM_WIRE_SSHHOSTS_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/server.h"
#include "lib/room/sshconfig.h"
#include "lib/wire/fleet.h"

struct sshhosts;

/* own: our known_hosts file; file: as for sshconfig_open. NULL on error. */
struct sshhosts *sshhosts_open(const char *own, const char *file, struct err *err);
void sshhosts_close(struct sshhosts *hosts); /* NULL is allowed */

/* Appends a line that names the keywords that are not heeded; false when there are none. */
bool sshhosts_unheeded(const struct sshhosts *hosts, struct buf *line);

/* One server's part. */
struct sshhost {
	struct ssh_settings settings; /* settings.jump: ProxyJump */
	struct list files;	      /* IdentityFile, as paths */
	struct list ssh_args;	      /* how ssh(1) learns of our known_hosts, and of -F */
	int64_t connect_timeout_ms;   /* from the start of the dial to authenticated */
};

/*
 * Fills where and as whom: host, port, user, known, known_as, accept_new, needs_ssh, ssh_args
 * and asked_for of the login. user and port are what the command line says (NULL, 0: nothing). -1 when a known_hosts
 * file cannot be read.
 */
int sshhost_open(struct sshhost *host, struct sshhosts *hosts, const struct fleet_args *args,
		 const struct server *server, const char *user, long port, struct login *login,
		 struct err *err);
void sshhost_finish(struct sshhost *host);

#endif
