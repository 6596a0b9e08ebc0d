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
	char *run, *kill, *sudo, *file;
	char nonce[33];
};

int remote_open(struct remote *remote, const struct home *home, struct err *err);
void remote_close(struct remote *remote);

/* A script of share/remote as it is sent: without comment lines and indentation. Of several names,
 * separated by blanks, each goes on where the one before ended. Caller frees. */
char *remote_script(const struct home *home, const char *names, struct err *err);

/* Appends the command line that runs, under run.sh, a line for the user's shell (argv NULL) or a script
 * for sh with these arguments (ended by NULL); as that user through sudo ("" is root), unless `sudo`
 * is NULL. Status 2 when it becomes too long. */
int remote_wrap(const struct remote *remote, const char *what, const char *const *argv,
		const char *sudo, struct buf *command, struct err *err);
/* Appends the command line that runs `size` bytes, which follow on standard input, from a temporary file: `by` its
 * own #! line ("own"), by "sh", or by the user's "shell". It says so once it has them, as an announcement. */
void remote_file(const struct remote *remote, size_t size, const char *by, const char *const *argv,
		 struct buf *line);
/* Appends the command line that stops that process group, in the same way. */
void remote_kill(const struct remote *remote, long group, const char *sudo, struct buf *command);

/* Finds the nonce line at the head of one command's output. */
struct announcement {
	struct buf held; /* output that may still turn out to hold the line */
	bool found;	 /* or missed: all output passes through */
	bool missed;	 /* it never came */
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
