/*
 * All that a login to a server takes, put together: where, as whom, the keys in their order, the
 * jump hosts on the way. Bastions are the jump hosts' accounts, each made once and shared by the
 * servers behind it.
 */
#ifndef MROOM_WIRE_ACCOUNT_H
#define MROOM_WIRE_ACCOUNT_H

#include "lib/wire/fleet.h"
#include "lib/wire/sshhosts.h"

struct bastions;

struct account {
	struct login login;
	struct sshhost ssh; /* what ssh_config says */
	const struct server *server; /* the caller's */
	const struct fleet_args *args;
	bool on_the_way; /* to another */
	struct identity **identities;
	char *tunnel; /* whose host it is; NULL */
	char *token_key; /* the server's own key, where it is on a FIDO token; NULL */
	struct buf trouble; /* why the server's own key or password was of no use */
};

struct bastions *bastions_create(const struct fleet_args *args);
void bastions_destroy(struct bastions *bastions); /* NULL is allowed */

/* The login to the host of a tunnel of type SSH, made once: 1, 0 (a tunnel of another kind), -1
 * every time when that failed. */
int bastions_hop(struct bastions *bastions, const char *tunnel, const struct login **login,
		 struct err *err);

/*
 * Fills the account for a server; server, args and bastions must outlive it. -1 when its jump hosts
 * cannot be made out, or known_hosts not be read. An account that is all zero may be finished.
 */
int account_open(struct account *account, struct bastions *bastions, const struct fleet_args *args,
		 const struct server *server, struct err *err);
void account_finish(struct account *account);

#endif
