/*
 * What the user's ssh would do with a host: ~/.ssh/config and /etc/ssh/ssh_config, or one file
 * instead (-F), read as ssh_config(5) says. The first value found for a host wins; what mroom's
 * store or command line says is the caller's to put before it.
 *
 * Understood: Host, Match (all host originalhost user localuser), Include, HostName, Port, User,
 * IdentityFile, IdentitiesOnly, ProxyJump, UserKnownHostsFile, GlobalKnownHostsFile, HostKeyAlias,
 * StrictHostKeyChecking, ConnectTimeout. Some others only ssh itself can honour: `needs_ssh` names
 * such a one. The rest is left out and can be listed. A malformed line is an error "FILE:LINE:
 * what", status 2.
 */
#ifndef MROOM_ROOM_SSHCONFIG_H
#define MROOM_ROOM_SSHCONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"

struct sshconfig;

/* What holds for one host; texts are its own. NULL, 0 and empty lists: nothing is said. */
struct ssh_settings {
	char *host; /* what to connect to: HostName, else the host that was asked for */
	long port;
	char *user;
	struct list identities; /* IdentityFile as written; the caller expands (sshconfig_expand) */
	bool identities_only;
	char *jump;			 /* ProxyJump: "[user@]host[:port],..." */
	struct list known_hosts, global; /* UserKnownHostsFile, GlobalKnownHostsFile as written */
	char *alias;			 /* HostKeyAlias */
	char *host_key;			 /* StrictHostKeyChecking: yes no ask accept-new */
	int64_t connect_timeout_ms;
	const char *needs_ssh; /* the keyword that only ssh itself can honour; NULL */
	bool gssapi;	       /* the user's own file asks for GSSAPI */
};
void ssh_settings_finish(struct ssh_settings *settings);

/* file: NULL for the usual two; "none" for no file at all. NULL on error. */
struct sshconfig *sshconfig_open(const char *file, struct err *err);
void sshconfig_close(struct sshconfig *config); /* NULL is allowed */

/* What holds for `host` when it is asked for as `user` (NULL: nobody said). */
void sshconfig_settings(const struct sshconfig *config, const char *host, const char *user,
			struct ssh_settings *settings);
/* Whether a Host line names it, be it by no wildcard alone: then it is a target. */
bool sshconfig_names(const struct sshconfig *config, const char *host);
/* Adds the hosts that Host lines name without wildcards: for completion. */
void sshconfig_hosts(const struct sshconfig *config, struct list *into);
/* Adds the keywords that were met and are not honoured, each once, in the order met. */
void sshconfig_unheeded(const struct sshconfig *config, struct list *into);

/* What a file name stands for: ~, ${VARIABLE} and the % tokens that ssh_config(5) allows there.
 * Caller frees. */
struct ssh_tokens {
	const char *original; /* %n: the host as it was asked for */
	const char *host;     /* %h */
	const char *user;     /* %r */
	const char *alias;    /* %k; NULL: the original */
	const char *jump;     /* %j */
	long port;	      /* %p */
};
char *sshconfig_expand(const char *text, const struct ssh_tokens *tokens);

#endif
