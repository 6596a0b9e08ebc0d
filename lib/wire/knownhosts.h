/*
 * What is known of servers' host keys (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): an index over all
 * known_hosts files, ours first. Plain names are found by hash; hashed names (HMAC-SHA1) by the key that was
 * presented, so that only lines with that key are computed; patterns are few and walked.
 *
 * A line that is no known_hosts line is skipped, as ssh does. New keys are appended to our own file.
 */
#ifndef MROOM_WIRE_KNOWNHOSTS_H
#define MROOM_WIRE_KNOWNHOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct knownhosts;

enum hostkey_verdict {
	HOSTKEY_KNOWN,
	HOSTKEY_UNKNOWN, /* the name is in no file */
	HOSTKEY_CHANGED, /* the name is known by another key of this type */
	HOSTKEY_OTHER,	 /* the name is known, but only by keys of other types */
	HOSTKEY_REVOKED	 /* the key is marked @revoked */
};

/* The line that decided; texts belong to the index. */
struct hostkey_where {
	const char *file;
	long line;
	char fingerprint[64]; /* of the key on that line: "SHA256:..." */
};

/* A server whose key is not known, or not by this one. Texts live during the call. */
struct stranger {
	const void *blob;
	size_t size;
	const char *fingerprint;
	bool changed;	     /* else new */
	const char *old;     /* the known key's fingerprint, when changed */
	const char *file;    /* and who knows it */
	long line;
	bool accepted;	     /* learned already (accept-new) */
};

/* own: the file new keys go to (read first; need not exist). others: NULL-ended paths, missing ones are skipped. */
struct knownhosts *knownhosts_open(const char *own, const char *const *others, struct err *err);
void knownhosts_close(struct knownhosts *known);

/* Judges the key `blob` (RFC 4253, section 6.6) that host:port presented. where is filled unless UNKNOWN. */
enum hostkey_verdict knownhosts_check(struct knownhosts *known, const char *host, long port,
				      const void *blob, size_t size, struct hostkey_where *where);

/* Appends the types ("ssh-ed25519", comma-joined) under which the name is known by plain name; with `hashed` also those that
 * only a walk over every hashed line finds. */
void knownhosts_types(struct knownhosts *known, const char *host, long port, bool hashed,
		      struct buf *types);

/* Whether an @cert-authority line is meant for it: then it presents a certificate, which only ssh(1) can judge. */
bool knownhosts_authority(struct knownhosts *known, const char *host, long port);

/* Calls fn for every line that knows the name, hashed or not. */
typedef void knownhosts_fn(void *ctx, const struct hostkey_where *where, const void *blob,
			   size_t size);
void knownhosts_each(struct knownhosts *known, const char *host, long port, knownhosts_fn *fn,
		     void *ctx);

/* Remembers the key: appends a line to our own file (one write; 0600) and to the index. */
int knownhosts_add(struct knownhosts *known, const char *host, long port, const void *blob,
		   size_t size, struct err *err);

/*
 * Takes host:port out of the file `own` (knownhosts_edit.c): lines are dropped, or lose that name where they have
 * others; the file is replaced in one step. *removed counts the lines that knew it.
 */
int knownhosts_forget(const char *own, const char *host, long port, size_t *removed,
		      struct err *err);
/* Appends a line as it is, newline added. */
int knownhosts_append(const char *own, const char *line, struct err *err);

/* "host type base64", as a line has it, without newline. */
void knownhosts_line(struct buf *line, const char *host, long port, const void *blob, size_t size);

/* "SHA256:..." of a key blob, as ssh-keygen -l prints it. */
void hostkey_fingerprint(const void *blob, size_t size, char fingerprint[64]);

#endif
