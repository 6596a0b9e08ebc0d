/*
 * What mroom puts around a remote command (share/remote/run.sh) so that it can stop it later: the
 * command announces its process group on a first line marked with a nonce, which is taken out of the output
 * here; share/remote/kill.sh, on a second channel, stops the group and proves it.
 */
#ifndef MROOM_WIRE_REMOTE_H
#define MROOM_WIRE_REMOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/home.h"

#define REMOTE_COMMAND_MAX 32000 /* libssh2 refuses longer ones */

/* The scripts, read once, and the nonce of this process. */
struct remote {
	char *run, *kill;
	char nonce[33];
};

int remote_open(struct remote *remote, const struct home *home, struct err *err);
void remote_close(struct remote *remote);

/* A script of share/remote as it is sent: without comment lines and indentation. Caller frees. */
char *remote_script(const struct home *home, const char *name, struct err *err);

/* Appends the command line that runs `line` under run.sh. Status 2 when it becomes too long. */
int remote_wrap(const struct remote *remote, const char *line, struct buf *command,
		struct err *err);
/* Appends the command line that stops that process group. */
void remote_kill(const struct remote *remote, long group, struct buf *command);

/* Finds the nonce line at the head of one command's output. */
struct announcement {
	struct buf held; /* output that may still turn out to hold the line */
	bool found;	 /* or given up: all output passes through */
	long group;	 /* the process group; 0: not known */
};

void announcement_init(struct announcement *announcement);
/*
 * Takes output until the line was found; afterwards what is in `held` (which the caller empties) is output without the
 * line. Returns true once it was found or cannot come any more.
 */
bool announcement_feed(struct announcement *announcement, const struct remote *remote,
		       const char *bytes, size_t count);
void announcement_finish(struct announcement *announcement);

#endif
