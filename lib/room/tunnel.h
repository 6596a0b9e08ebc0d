/*
 * A tunnel's profile as the console knows it: a name, a type, a server, a user, and whatever else
 * its driver (mroom-tunnel-driver(7)) wants, as fields. Values that are secrets are sealed in the
 * store; they are in memory only between tunnel_unseal and tunnel_finish, which wipes them.
 */
#ifndef MROOM_ROOM_TUNNEL_H
#define MROOM_ROOM_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/room/home.h"

/* No value of a field is longer: a configuration with its certificates. */
#define TUNNEL_VALUE_MAX 65536

struct tunnel_field {
	char *key;
	char *value; /* NULL: a secret that is sealed */
	bool secret;
};

struct tunnel {
	int64_t row;		     /* in the store; 0: not there yet */
	char *name, *type;	     /* type as the roster or the user spells it: L2TP/IPSEC */
	char *server, *user;	     /* may be empty */
	struct tunnel_field *fields; /* by key; the password is one of them */
	size_t field_count;
	long servers; /* how many stand behind it */
};

#define TUNNEL_INIT      \
	{                \
		.row = 0 \
	}
void tunnel_finish(struct tunnel *tunnel); /* wipes */

/* The value of a field, or of server, user, name, type; NULL when it has none or is sealed. */
const char *tunnel_value(const struct tunnel *tunnel, const char *key);
/* Adds or replaces. value NULL stands for a sealed one. */
void tunnel_put(struct tunnel *tunnel, const char *key, const char *value, bool secret);
bool tunnel_has(const struct tunnel *tunnel, const char *key);	/* a field, sealed or not */
bool tunnel_keeps(const struct tunnel *tunnel, bool otherwise); /* keep = yes|no */

/* Fields are named by small letters, digits and _, 1 to 40 of them. */
int tunnel_check_key(const char *key, struct err *err);
/* A value is UTF-8 text or a configuration: no NUL, at most TUNNEL_VALUE_MAX bytes. */
int tunnel_check_value(const char *key, const char *value, size_t size, struct err *err);
/* Whether a field of that name is sealed: what ends in password, passphrase, secret, psk, pin or
 * config, and keys other than public ones. */
bool tunnel_key_secret(const char *key);
/* "host", "host:port", "[v6]:port", "" */
int tunnel_check_server(const char *text, struct err *err);

/* The name of the driver for a type: small letters, / becomes -. Caller frees. */
char *tunnel_driver_name(const char *type);
/* The driver's path: in $MROOM_HOME/tunnels, else in share/tunnels. NULL (err set, status 2, with
 * the known ones named) when there is none. Caller frees. */
char *tunnel_driver_find(const struct home *home, const char *type, struct err *err);
/* The names of all drivers, sorted, each once. */
struct list;
void tunnel_driver_names(const struct home *home, struct list *names);

/* The interface that a driver should use: mr-NAME, or a hash where that is too long for the kernel.
 */
void tunnel_interface(const char *name, char into[16]);

/*
 * Appends the profile as a driver reads it: key=value lines, in values \n for a newline and \\ for
 * a backslash. Sealed fields are left out.
 */
void tunnel_write(const struct tunnel *tunnel, struct buf *to);

#endif
