/* The inside of sshconfig.h, shared by what reads the files and what asks. */
#ifndef MROOM_ROOM_SSHCONFIG_PARTS_H
#define MROOM_ROOM_SSHCONFIG_PARTS_H

#include "lib/base/map.h"
#include "lib/room/sshconfig.h"

enum ssh_keyword {
	SSH_HOST,
	SSH_MATCH,
	SSH_INCLUDE,
	SSH_HOSTNAME,
	SSH_PORT,
	SSH_USER,
	SSH_IDENTITY,
	SSH_IDENTITIES_ONLY,
	SSH_PROXYJUMP,
	SSH_PROXYCOMMAND,
	SSH_KNOWN_HOSTS,
	SSH_GLOBAL_KNOWN_HOSTS,
	SSH_ALIAS,
	SSH_HOST_KEY,
	SSH_TIMEOUT,
	SSH_GSSAPI,
	SSH_NEEDED, /* ssh's alone, and reaching the host depends on it */
	SSH_UNHEEDED
};

struct ssh_line {
	enum ssh_keyword keyword;
	const char *name; /* as it is to be shown, for SSH_NEEDED */
	struct list words;
	long number; /* Port, ConnectTimeout in ms, flags */
};

/* A run of lines under one condition, in the order of the files. What follows an Include is a block
 * of its own. */
struct ssh_block {
	long parent;	       /* must hold as well; -1: none */
	enum ssh_keyword kind; /* SSH_HOST, SSH_MATCH; SSH_UNHEEDED: no condition of its own */
	struct list words;
	bool literal; /* Host without wildcards: found by name */
	bool etc;     /* of /etc/ssh */
	struct ssh_line *lines;
	size_t line_count;
};

/* Blocks that name a host without wildcards, in order. */
struct ssh_named {
	size_t *blocks;
	size_t count;
};

struct sshconfig {
	struct ssh_block *blocks;
	size_t block_count;
	struct map *named; /* host -> struct ssh_named */
	size_t *others;	   /* blocks that are not literal, ascending */
	size_t other_count;
	struct list unheeded;
};

/* Reads a file and what it includes. A missing one is empty unless it must be there. */
int sshconfig_read(struct sshconfig *config, const char *path, bool etc, bool must,
		   struct err *err);

#endif
