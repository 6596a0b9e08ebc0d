/* A line of authorized_keys (sshd(8)) or of a .pub file: options, key, comment. */
#ifndef MROOM_WIRE_AUTHORIZED_H
#define MROOM_WIRE_AUTHORIZED_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Texts are its own. */
struct authorized {
	char *options; /* "" without any */
	char *type, *base64, *comment;
	struct buf blob;
	char fingerprint[64];
	long bits; /* 0: not known for this type */
};

/* False when the line holds no key: a comment, a blank line, rubbish. Then there is nothing to
 * finish. */
bool authorized_parse(const char *line, struct authorized *key);
/* Reads the public half of a key: a .pub file, or the one beside a private key. Status 2. */
int authorized_read(const char *path, struct authorized *key, struct err *err);
void authorized_finish(struct authorized *key); /* all zero is allowed */

/* The path of the private half beside NAME.pub; the path itself otherwise. Caller frees. */
char *authorized_private(const char *path);

#endif
