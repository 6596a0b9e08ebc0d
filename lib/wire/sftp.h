/*
 * The client's side of SFTP, version 3 (draft-ietf-secsh-filexfer-02) with OpenSSH's extensions: it
 * makes requests into bytes and bytes into replies, and knows nothing of how they travel. Requests
 * are pipelined: each has a callback of its own, called once, from within sftp_feed.
 *
 * Paths are bytes without NUL. At most SFTP_WINDOW requests are on their way: ask sftp_room before
 * each. What a server says is checked for form only. Requests take effect in the order in which they are made, as with every
 * server that is known.
 */
#ifndef MROOM_WIRE_SFTP_H
#define MROOM_WIRE_SFTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define SFTP_WINDOW 64
#define SFTP_PIECE ((size_t)32 * 1024) /* of contents, in one request */

enum sftp_status {
	SFTP_OK = 0,
	SFTP_EOF = 1,
	SFTP_NO_SUCH_FILE = 2,
	SFTP_PERMISSION_DENIED = 3,
	SFTP_FAILURE = 4,
	SFTP_UNSUPPORTED = 8
};

enum sftp_extension { SFTP_POSIX_RENAME, SFTP_FSYNC, SFTP_HARDLINK, SFTP_STATVFS, SFTP_EXTENSIONS };

enum {
	SFTP_HAS_SIZE = 1,
	SFTP_HAS_OWNER = 2,
	SFTP_HAS_MODE = 4,
	SFTP_HAS_TIMES = 8
};

/* `has` tells which of them count. */
struct sftp_attrs {
	unsigned has, mode; /* mode with its type, as stat(2) has it */
	int64_t size, uid, gid, mtime;
};

struct sftp_handle {
	size_t size;
	char bytes[256];
};

/* Valid during the callback. */
struct sftp_reply {
	unsigned status;     /* SFTP_OK for every reply that brings what was asked for */
	const char *message; /* what the server says to a status; "" */
	const char *bytes;   /* contents; a handle; names, for sftp_next_name; a target */
	size_t count;	     /* of bytes; names: how many are left */
	const char *end;     /* of names */
	struct sftp_attrs attrs;
	uint64_t free_blocks, free_files; /* of a file system, for who asks */
};

struct sftp_name {
	const char *name;
	size_t size;
	struct sftp_attrs attrs;
};

struct sftp;
typedef void sftp_done(void *ctx, size_t tag, struct sftp_reply *reply);

/* Who is told of a reply. */
struct sftp_call {
	sftp_done *done;
	void *ctx;
	size_t tag;
};

/* The first request is made; `ready` is called once the server has answered it. */
struct sftp *sftp_create(void (*ready)(void *ctx), void *ctx);
void sftp_destroy(struct sftp *sftp); /* NULL is allowed; no callback comes any more */

/* Takes what the server sent. -1: it makes no sense. */
int sftp_feed(struct sftp *sftp, const char *bytes, size_t count, struct err *err);
/* Moves requests out: how many bytes. */
size_t sftp_take(struct sftp *sftp, char *into, size_t room);
/* Bytes of requests that wait to be taken. */
size_t sftp_waiting(const struct sftp *sftp);
/* How many more requests may be made now. */
size_t sftp_room(const struct sftp *sftp);
/* Whether no request is on its way. */
bool sftp_quiet(const struct sftp *sftp);
bool sftp_offers(const struct sftp *sftp, enum sftp_extension extension);

void sftp_stat(struct sftp *sftp, const char *path, bool follow, struct sftp_call call);
void sftp_readlink(struct sftp *sftp, const char *path, struct sftp_call call);
void sftp_opendir(struct sftp *sftp, const char *path, struct sftp_call call);
void sftp_readdir(struct sftp *sftp, const struct sftp_handle *handle, struct sftp_call call);
/* For reading; or for writing, and then the file is new and its own. */
void sftp_open(struct sftp *sftp, const char *path, bool create, struct sftp_call call);
/* Opens what is there for writing, as it is. */
void sftp_reopen(struct sftp *sftp, const char *path, struct sftp_call call);
void sftp_read(struct sftp *sftp, const struct sftp_handle *handle, int64_t at, size_t count,
	       struct sftp_call call);
/* Room for `count` bytes of contents, to be filled before the next call. */
char *sftp_write(struct sftp *sftp, const struct sftp_handle *handle, int64_t at, size_t count,
		 struct sftp_call call);
void sftp_close(struct sftp *sftp, const struct sftp_handle *handle, struct sftp_call call);
/* Forced to the disk. Only where SFTP_FSYNC is offered. */
void sftp_fsync(struct sftp *sftp, const struct sftp_handle *handle, struct sftp_call call);
void sftp_fsetstat(struct sftp *sftp, const struct sftp_handle *handle,
		   const struct sftp_attrs *attrs, struct sftp_call call);
void sftp_setstat(struct sftp *sftp, const char *path, const struct sftp_attrs *attrs,
		  struct sftp_call call);
void sftp_mkdir(struct sftp *sftp, const char *path, unsigned mode, struct sftp_call call);
void sftp_rmdir(struct sftp *sftp, const char *path, struct sftp_call call);
void sftp_remove(struct sftp *sftp, const char *path, struct sftp_call call);
void sftp_symlink(struct sftp *sftp, const char *target, const char *path, struct sftp_call call);
/* Over what is there where SFTP_POSIX_RENAME is offered; else it fails on that. */
void sftp_rename(struct sftp *sftp, const char *from, const char *to, struct sftp_call call);
/* Only where SFTP_HARDLINK is offered. */
void sftp_hardlink(struct sftp *sftp, const char *from, const char *to, struct sftp_call call);
/* Only where SFTP_STATVFS is offered. */
void sftp_statvfs(struct sftp *sftp, const char *path, struct sftp_call call);

/* The next name of a reply to sftp_readdir or sftp_readlink: false when there is none left. */
bool sftp_next_name(struct sftp_reply *reply, struct sftp_name *name);
/* A handle that a reply brought. False: it is none. */
bool sftp_take_handle(const struct sftp_reply *reply, struct sftp_handle *handle);
/* What a status means, in words; the server's own where it has some. */
const char *sftp_words(const struct sftp_reply *reply);

#endif
