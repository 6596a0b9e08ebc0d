/* What the console remembers of keys on servers: state, and the inventory's key. */
#ifndef MROOM_CMD_CERT_RECORD_H
#define MROOM_CMD_CERT_RECORD_H

#include "lib/room/console.h"

/* The key of that private half opens the server: state identity_cert_installed and local_cert_path,
 * or custom_cert_NAME with a name; the inventory's key where it has none, or always with `become`.
 */
int record_installed(struct console *console, const char *id, const char *private, const char *name,
		     bool become, struct err *err);
/* Forgets it, here only; the inventory's key stays, since it may be all that opens the server. *kept (without a name)
 * tells that it is the one that was forgotten. */
int record_off(struct console *console, const char *id, const char *name, bool *kept,
	       struct err *err);
/* These keys (base64) were taken from the server: forgets, whatever the name, each that record_installed remembered of
 * them, and the inventory's key, whose path *was gets then (malloc'ed; else NULL). A key is known by its public half
 * here; one without is left. */
int record_gone(struct console *console, const char *id, const struct list *keys, char **was,
		struct err *err);

/* Whether custom_cert_NAME can be a key of state: letters, digits, _ and -. */
int record_check_name(const char *name, struct err *err);

#endif
