/* The verbs of mroom cert hosts, and the servers they are about. */
#ifndef MROOM_CMD_CERT_HOSTS_H
#define MROOM_CMD_CERT_HOSTS_H

#include "cmd/cert/cert.h"
#include "lib/room/store_hostkey.h"
#include "lib/wire/sshhosts.h"

int hosts_ls(int argc, char **argv);
int hosts_export(int argc, char **argv);
int hosts_review(int argc, char **argv);
int hosts_accept(int argc, char **argv);
int hosts_forget(int argc, char **argv);
int hosts_import(int argc, char **argv);

/* A server as known_hosts has it. */
struct place {
	const struct server *server;
	const char *host;
	long port;
	struct knownhosts *known;
};

/* Calls fn per picked server. NULL operands and no targets: all, or an error for PICK_ACT. */
typedef int place_fn(void *ctx, const struct place *place, struct err *err);
struct place_call {
	const struct pick_args *targets;
	char **operands;
	size_t count;
	enum pick_mode mode;
};
int hosts_each(struct console *console, const struct place_call *call, place_fn *fn, void *ctx,
	       struct err *err);

#endif
