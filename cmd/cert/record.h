/* What the console remembers of keys on servers: state, and the inventory's key. */
#ifndef MROOM_CMD_CERT_RECORD_H
#define MROOM_CMD_CERT_RECORD_H

#include "lib/room/console.h"

/* The key of that private half opens the server: state identity_cert_installed and local_cert_path,
 * or custom_cert_NAME with a name; the inventory's key where it has none, or always with `become`.
 */
int record_installed(struct console *console, const char *id, const char *private, const char *name,
		     bool become, struct err *err);
/* Forgets it, here only. */
int record_off(struct console *console, const char *id, const char *name, struct err *err);

/* Whether custom_cert_NAME can be a key of state: letters, digits, _ and -. */
int record_check_name(const char *name, struct err *err);

/* A text as JSON, and back (malloc'ed; NULL when it is no JSON text). */
char *record_json(const char *text);
char *record_text(const char *json);

#endif
