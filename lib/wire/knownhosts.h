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

/* Remembers the key: appends a line to our own file (one write; 0600) and to the index. */
int knownhosts_add(struct knownhosts *known, const char *host, long port, const void *blob,
		   size_t size, struct err *err);

/* "SHA256:..." of a key blob, as ssh-keygen -l prints it. */
void hostkey_fingerprint(const void *blob, size_t size, char fingerprint[64]);

#endif
