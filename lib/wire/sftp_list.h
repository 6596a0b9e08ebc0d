/* Reads directories over SFTP, several at once, each in as many replies as the server makes of it.
 */
#ifndef MROOM_WIRE_SFTP_LIST_H
#define MROOM_WIRE_SFTP_LIST_H

#include "lib/base/list.h"
#include "lib/wire/sftp.h"

#define LISTER_JOBS 8

/* A directory being read. */
struct lister_job {
	bool busy;
	size_t index; /* in paths */
	struct sftp_handle handle;
};

struct lister {
	struct sftp *sftp;
	struct list paths; /* all that were to be read */
	size_t next;
	struct lister_job jobs[LISTER_JOBS];
	/* A thing in the directory `path`, which is neither "." nor "..". The name ends with NUL. */
	void (*found)(void *ctx, const char *path, const char *name,
		      const struct sftp_attrs *attrs);
	/* One could not be read; NULL: passed over. */
	void (*failed)(void *ctx, const char *path, const struct sftp_reply *reply);
	void *ctx;
};

/* More may be added meanwhile, from `found` too. */
void lister_add(struct lister *lister, const char *path);
/* Makes what requests it can: true once all has been read. */
bool lister_go(struct lister *lister);
void lister_finish(struct lister *lister);

#endif
