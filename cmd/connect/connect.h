/* mroom connect: becomes ssh(1) for one server. The parts: what ssh is told, and who answers when
 * it asks for a password. */
#ifndef MROOM_CMD_CONNECT_H
#define MROOM_CMD_CONNECT_H

#include <stdbool.h>

#include "lib/base/list.h"
#include "lib/room/console.h"

struct connect_opts {
	const char *user, *jump, *host_key, *ssh_config;
	long port;
	struct list keys, locals, remotes, socks, ssh_options;
	bool no_tunnel, dry_run, no_command;
	bool gate; /* the id is that of a tunnel of type SSH */
	int verbose;
};

/* The words of ssh's command line, from "ssh" on. `first` is the host of a tunnel of type SSH that
 * all goes through, or NULL. `command` is NULL-ended; without one `home`, unless it is NULL, says
 * where the login begins. `answered`: we have the password. */
int connect_words(struct console *console, const struct connect_opts *opts,
		  const struct server *server, const struct server *first, char **command,
		  const char *home, bool answered, struct list *words, struct err *err);

/* The variable by which ssh's helper, this program again, knows which server it is about. */
#define CONNECT_FOR "MROOM_CONNECT_FOR"
/* "user@host" of the login, as ssh's question names it. */
#define CONNECT_LOGIN "MROOM_CONNECT_LOGIN"
/* The same for the tunnel of type SSH on the way, which may have a password too. */
#define CONNECT_TUNNEL "MROOM_CONNECT_TUNNEL"
#define CONNECT_TUNNEL_LOGIN "MROOM_CONNECT_TUNNEL_LOGIN"
/* From now on ssh asks us when it wants a password of the server, or of `first`, NULL: no tunnel's. */
void askpass_offer(struct console *console, const struct connect_opts *opts,
		   const struct server *server, const struct server *first);
/* Answers ssh's question on standard output: the exit status. */
int askpass_answer(const char *id, const char *question);

#endif
